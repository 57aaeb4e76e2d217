import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook, uuidOf } from '../../support/webhooks.ts';
import type { WireWebhook } from '../../support/webhooks.ts';

describe('webhooks.get', () => {
  const api = useApi();

  it('200: what was created, without the secret, with an ETag', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const { secret, ...created } = await newWebhook(caller, { headers: { 'X-Token': 'abc' }, channels: ['eu'] });
    expect(secret).to.be.a('string');
    const { status, body, headers } = await caller.get<WireWebhook>(`/admin/webhooks/${created.id}`);
    expect(status).to.equal(200);
    expect(body).to.deep.equal(created);
    expect(headers.get('etag')).to.match(/^W\/"/);
  });

  it('200: success_rate is the share of finished deliveries that arrived', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    await api.asOwner((owner) =>
      owner.raw(`SELECT set_config('app.org_id', ?, false)`, [organization.orgId]).then(() =>
        owner('webhook_endpoints')
          .where({ id: uuidOf('whk', id) })
          .update({ delivered_count: 2, failed_count: 1 }),
      ),
    );
    const { body } = await caller.get<WireWebhook>(`/admin/webhooks/${id}`);
    expect(body.stats).to.deep.equal({ delivered: 2, failed: 1, success_rate: 0.6667 });
  });

  it('400: an id that is not one of a webhook says so', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    for (const id of ['x', typeId('evt', '01980a4e-7c00-7000-8000-000000000001')]) {
      const { status, body } = await caller.get(`/admin/webhooks/${id}`);
      expect(status).to.equal(400);
      expect(body.errors?.[0]?.location).to.equal('path.id');
    }
  });

  it('404: what belongs to someone else and what does not exist are the same answer, but for the request id', async () => {
    const [own, stranger] = [await createOrganization(api.database), await createOrganization(api.database)];
    const { id } = await newWebhook(api.as(stranger.key));
    const foreign = await api.as(own.key).get(`/admin/webhooks/${id}`);
    const absent = await api.as(own.key).get(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
  });

  it('401 and 403: needs credentials that hold webhook.read', async () => {
    const organization = await createOrganization(api.database);
    const { id } = await newWebhook(api.as(organization.key));
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.write'] });
    expect((await api.as(null).get(`/admin/webhooks/${id}`)).status).to.equal(401);
    expect((await api.as(key).get(`/admin/webhooks/${id}`)).status).to.equal(403);
  });
});
