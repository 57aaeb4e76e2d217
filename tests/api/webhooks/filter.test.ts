import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { MINIMAL_WEBHOOK, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireWebhook } from '../../support/webhooks.ts';

const FILTER = {
  'data.score': { gte: 50 },
  or: [{ 'data.country': { in: ['DE', 'FR'] } }, { not: { 'data.email': { prefix: 'test@' } } }],
};

describe('webhooks: payload filter', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { orgId: organization.orgId, caller: api.as(organization.key) };
  };

  it('is kept as it was given, replaced as a whole, and taken away by null', async () => {
    const { caller } = await acme();
    const created = await newWebhook(caller, { filter: FILTER });
    expect(created.filter).to.deep.equal(FILTER);
    const path = `/admin/webhooks/${created.id}`;
    const patch = async (filter: unknown) => (await caller.patch<WireWebhook>(path, { filter })).body.filter;
    expect((await caller.patch<WireWebhook>(path, { name: 'Other' })).body.filter).to.deep.equal(FILTER);
    expect(await patch({ 'data.source': 'webinar' })).to.deep.equal({ 'data.source': 'webinar' });
    expect(await patch(null)).to.equal(null);
    expect((await caller.get<WireWebhook>(path)).body.filter).to.equal(null);
    expect((await newWebhook(caller)).filter).to.equal(null);
  });

  it('decides at publish, event by event: what it holds back has no delivery at this endpoint', async () => {
    const { orgId, caller } = await acme();
    const filtered = await newWebhook(caller, { filter: FILTER });
    await newWebhook(caller);
    const publish = async (data: object) =>
      (await caller.post<{ deliveries: number }>('/events', { type: 'lead.created', data })).body.deliveries;
    expect(await publish({ score: 50, country: 'DE' })).to.equal(2);
    expect(await publish({ score: 49, country: 'DE' })).to.equal(1);
    expect(await publish({ score: 70, email: 'test@example.com' })).to.equal(1);
    expect(await publish({})).to.equal(1);
    await caller.patch(`/admin/webhooks/${filtered.id}`, { filter: null });
    expect(await publish({})).to.equal(2);
    const events = [60, 10, 80].map((score) => ({ type: 'lead.created', data: { score, country: 'FR' } }));
    await caller.patch(`/admin/webhooks/${filtered.id}`, { filter: FILTER });
    await caller.post('/events/batch', { events });
    expect(await rowsOf(api.database, orgId, 'deliveries')).to.have.length(2 + 1 + 1 + 1 + 2 + 5);
  });

  it('does not hold back a test event', async () => {
    const { caller } = await acme();
    const { id } = await newWebhook(caller, { filter: { 'data.score': { gte: 50 } } });
    expect((await caller.post(`/admin/webhooks/${id}/test`)).status).to.equal(202);
  });

  it('400: names each fault, and nothing is written', async () => {
    const { orgId, caller } = await acme();
    const filter = { score: 1, 'data.a': { like: 'x' } };
    const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, filter });
    expect([status, body.code]).to.deep.equal([400, 'validation_failed']);
    expect(body.errors?.map(({ location }) => location)).to.deep.equal(['body.filter.score', 'body.filter.data.a.like']);
    expect(await rowsOf(api.database, orgId, 'webhook_endpoints')).to.deep.equal([]);
    const { id } = await newWebhook(caller);
    for (const wrong of ['x', [], {}, { or: [] }]) {
      const refused = await caller.patch(`/admin/webhooks/${id}`, { filter: wrong });
      expect(refused.status, JSON.stringify(wrong)).to.equal(400);
      expect(refused.body.errors?.[0]?.location).to.match(/^body\.filter/);
    }
  });
});
