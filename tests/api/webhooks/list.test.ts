import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook } from '../../support/webhooks.ts';
import type { WirePage, WireWebhook } from '../../support/webhooks.ts';

type Page = WirePage<WireWebhook>;

describe('webhooks.list', () => {
  const api = useApi();

  it('200: every endpoint once, newest first, over pages; a new one does not move the pages', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.unshift((await newWebhook(caller, { name: `Endpoint ${i}` })).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: Page } = await caller.get<Page>(`/admin/webhooks?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...body.data.map(({ id }) => id));
      expect(body.has_more).to.equal(body.next_cursor !== null);
      cursor = body.next_cursor;
      await newWebhook(caller);
    } while (cursor !== null);
    expect(seen).to.deep.equal(made);
  });

  it('200: an organization without endpoints has an empty page', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    expect((await caller.get<Page>('/admin/webhooks')).body).to.deep.equal({ data: [], next_cursor: null, has_more: false });
  });

  it('200: neither the endpoints of another organization, nor deleted ones', async () => {
    const [own, stranger] = [await createOrganization(api.database), await createOrganization(api.database)];
    await newWebhook(api.as(stranger.key));
    const kept = await newWebhook(api.as(own.key));
    const gone = await newWebhook(api.as(own.key));
    await api.as(own.key).delete(`/admin/webhooks/${gone.id}`);
    const { body } = await api.as(own.key).get<Page>('/admin/webhooks');
    expect(body.data.map(({ id }) => id)).to.deep.equal([kept.id]);
  });

  it('200: a credential bound to a workspace sees the endpoints of that workspace only', async () => {
    const organization = await createOrganization(api.database);
    const bound = api.as((await createApiKey(api.database, organization, { workspaceId: organization.workspaceId })).key);
    const inside = await newWebhook(bound);
    const outside = await newWebhook(api.as(organization.key));
    expect((await bound.get<Page>('/admin/webhooks')).body.data.map(({ id }) => id)).to.deep.equal([inside.id]);
    expect((await bound.get(`/admin/webhooks/${outside.id}`)).status).to.equal(404);
  });

  it('400: a cursor that was altered, or belongs to another list or organization', async () => {
    const [own, stranger] = [await createOrganization(api.database), await createOrganization(api.database)];
    const caller = api.as(own.key);
    await newWebhook(caller);
    await newWebhook(caller);
    const { next_cursor: cursor } = (await caller.get<Page>('/admin/webhooks?limit=1')).body;
    const altered = await caller.get(`/admin/webhooks?limit=1&cursor=${cursor!.slice(0, -2)}AA`);
    const elsewhere = await caller.get(`/events?cursor=${cursor}`);
    const foreign = await api.as(stranger.key).get(`/admin/webhooks?cursor=${cursor}`);
    for (const { status, body } of [altered, elsewhere, foreign]) expect([status, body.code]).to.deep.equal([400, 'invalid_cursor']);
  });

  it('400: a limit out of bounds and an unknown parameter, both named in one answer', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const { status, body } = await caller.get('/admin/webhooks?limit=201&page=2');
    expect(status).to.equal(400);
    expect(body.errors?.map(({ location }) => location)).to.have.members(['query.limit', 'query.page']);
  });

  it('401 and 403: needs credentials that hold webhook.read', async () => {
    const organization = await createOrganization(api.database);
    const { key } = await createApiKey(api.database, organization, { scopes: ['event.read'] });
    expect((await api.as(null).get('/admin/webhooks')).status).to.equal(401);
    expect((await api.as(key).get('/admin/webhooks')).status).to.equal(403);
  });
});
