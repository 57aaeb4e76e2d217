import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireDelivery } from '../../support/webhooks.ts';

describe('webhooks.delete', () => {
  const api = useApi();
  const endpoint = async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller, { headers: { 'X-Token': 'abc' } });
    return { organization, caller, webhook, path: `/admin/webhooks/${webhook.id}` };
  };

  it('204: afterwards every operation on it answers 404, and new events do not go to it', async () => {
    const { caller, path } = await endpoint();
    const { body: tested } = await caller.post<WireDelivery>(`${path}/test`);
    const answer = await caller.delete(path);
    expect([answer.status, answer.text]).to.deep.equal([204, '']);
    const after = [
      await caller.get(path),
      await caller.patch(path, { name: 'X' }),
      await caller.delete(path),
      await caller.post(`${path}/test`),
      await caller.get(`${path}/deliveries`),
      await caller.get(`${path}/deliveries/${tested.id}`),
    ];
    expect(after.map(({ status }) => status)).to.deep.equal(Array(6).fill(404));
    const { body } = await caller.post<{ deliveries: number }>('/events', { type: 'lead.created', data: {} });
    expect(body.deliveries).to.equal(0);
  });

  it('cancels what waits, leaves what is finished or being sent, and erases secrets and header values', async () => {
    const { caller, path, organization, webhook } = await endpoint();
    const states = ['pending', 'retrying', 'in_flight', 'delivered', 'dead'];
    const made: Record<string, string> = {};
    for (const status of states) {
      const { body } = await caller.post<WireDelivery>(`${path}/test`);
      made[status] = uuidOf('dlv', body.id);
      const finished = ['delivered', 'dead'].includes(status);
      await api.database.app.transaction(async (trx) => {
        await trx.raw("SELECT set_config('app.org_id', ?, true)", [organization.orgId]);
        const claim = status === 'in_flight' ? { claimed_until: trx.raw("now() + interval '1 minute'"), claim_id: made[status] } : {};
        await trx('deliveries')
          .where({ id: made[status] })
          .update({ status, ...(finished && { next_attempt_at: null }), ...claim });
      });
    }
    await caller.delete(path);
    const rows = await rowsOf<{ id: string; status: string; next_attempt_at: Date | null }>(api.database, organization.orgId, 'deliveries');
    const statusOf = (was: string) => rows.find(({ id }) => id === made[was])?.status;
    expect(states.map(statusOf)).to.deep.equal(['cancelled', 'cancelled', 'in_flight', 'delivered', 'dead']);
    expect(rows.filter(({ status }) => status === 'cancelled').map((row) => row.next_attempt_at)).to.deep.equal([null, null]);
    expect(await rowsOf(api.database, organization.orgId, 'webhook_secrets')).to.deep.equal([]);
    const [row] = await rowsOf<{ headers_sealed: unknown }>(api.database, organization.orgId, 'webhook_endpoints');
    expect(row?.headers_sealed).to.equal(null);
    const entries = await auditEntries(api.database, organization.orgId, 'webhooks.delete');
    expect(entries.map((entry) => entry.target_id)).to.deep.equal([webhook.id]);
  });

  it('of two deletions at the same time one succeeds, the other finds nothing, and one is on record', async () => {
    const { caller, path, organization } = await endpoint();
    const answers = await Promise.all([caller.delete(path), caller.delete(path)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([204, 404]);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.delete')).to.have.length(1);
  });

  it('401 and 403: needs credentials that hold webhook.write', async () => {
    const { organization, path } = await endpoint();
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    expect((await api.as(null).delete(path)).status).to.equal(401);
    expect((await api.as(key).delete(path)).status).to.equal(403);
  });

  it('404: what belongs to someone else and what does not exist are the same answer, and it stays', async () => {
    const { caller, path } = await endpoint();
    const stranger = api.as((await createOrganization(api.database)).key);
    const foreign = await stranger.delete(path);
    const absent = await stranger.delete(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    expect((await caller.get(path)).status).to.equal(200);
  });

  it('cancels and erases nothing when the audit append fails', async () => {
    const { caller, path, organization } = await endpoint();
    await caller.post(`${path}/test`);
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      expect((await caller.delete(path)).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    expect((await caller.get(path)).status).to.equal(200);
    expect(await rowsOf(api.database, organization.orgId, 'webhook_secrets')).to.have.length(1);
    expect((await rowsOf<{ status: string }>(api.database, organization.orgId, 'deliveries')).map(({ status }) => status)).to.deep.equal([
      'pending',
    ]);
  });
});
