import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireDelivery } from '../../support/webhooks.ts';

describe('webhooks.pause and webhooks.resume', () => {
  const api = useApi();
  const endpoint = async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller);
    return { organization, caller, path: `/admin/webhooks/${webhook.id}` };
  };

  it('200: a paused endpoint keeps what is published for it, and resuming promises its delivery', async () => {
    const { organization, caller, path } = await endpoint();
    expect((await caller.post<{ status: string }>(`${path}/pause`)).body.status).to.equal('paused');
    const { body: published } = await caller.post<{ deliveries: number }>('/events', { type: 'lead.created', data: {} });
    expect(published.deliveries).to.equal(1);
    const resumed = await caller.post<{ status: string }>(`${path}/resume`);
    expect([resumed.status, resumed.body.status]).to.deep.equal([200, 'active']);
    const { body: kept } = await caller.get<{ data: WireDelivery[] }>(`${path}/deliveries`);
    expect(kept.data.map(({ status }) => status)).to.deep.equal(['pending']);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.pause')).to.have.length(1);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.resume')).to.have.length(1);
  });

  it('200: doing it twice changes nothing and writes no second audit entry', async () => {
    const { organization, caller, path } = await endpoint();
    for (const verb of ['pause', 'pause', 'resume', 'resume']) expect((await caller.post(`${path}/${verb}`)).status).to.equal(200);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.pause')).to.have.length(1);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.resume')).to.have.length(1);
  });

  it('400: an id that is none', async () => {
    const { caller } = await endpoint();
    for (const verb of ['pause', 'resume']) expect((await caller.post(`/admin/webhooks/nonsense/${verb}`)).status).to.equal(400);
  });

  it('401 and 403: without a key, and with one that may only read', async () => {
    const { organization, path } = await endpoint();
    const reader = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    for (const verb of ['pause', 'resume']) {
      expect((await api.as('sk_live_none').post(`${path}/${verb}`)).status).to.equal(401);
      expect((await api.as(reader.key).post(`${path}/${verb}`)).status).to.equal(403);
    }
  });

  it('404: for an organization that the endpoint does not belong to, and nothing changes', async () => {
    const { organization, path } = await endpoint();
    const other = await createOrganization(api.database);
    for (const verb of ['pause', 'resume']) expect((await api.as(other.key).post(`${path}/${verb}`)).status).to.equal(404);
    const [row] = await rowsOf<{ status: string }>(api.database, organization.orgId, 'webhook_endpoints');
    expect(row?.status).to.equal('active');
  });

  it('409: a disabled endpoint cannot be paused, only resumed', async () => {
    const { organization, caller, path } = await endpoint();
    await api.database.app.transaction(async (trx) => {
      await trx.raw("SELECT set_config('app.org_id', ?, true)", [organization.orgId]);
      await trx('webhook_endpoints').update({ status: 'disabled' });
    });
    const refused = await caller.post<{ code: string; detail: string }>(`${path}/pause`);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'conflict']);
    expect(refused.body.detail).to.include('Resume');
    expect((await caller.post<{ status: string }>(`${path}/resume`)).body.status).to.equal('active');
  });
});
