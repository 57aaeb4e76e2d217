import { expect } from 'chai';
import type { z } from 'zod';
import { withTenant } from '../../../db/tenancy.ts';
import type { WebhookBacklog } from '../../../server/http/routes/webhooks/backlogRoutes.ts';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook, uuidOf } from '../../support/webhooks.ts';

type WireBacklog = z.output<typeof WebhookBacklog>;

describe('webhooks.backlog', () => {
  const api = useApi();
  const endpoint = async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    const path = `/admin/webhooks/${id}/backlog`;
    return {
      ...organization,
      caller,
      path,
      id: uuidOf('whk', id),
      publicId: id,
      read: async (): Promise<WireBacklog> => (await caller.get<WireBacklog>(path)).body,
    };
  };
  type Endpoint = Awaited<ReturnType<typeof endpoint>>;

  /** Deliveries as many published events leave them. */
  const plant = (
    { orgId, id }: Endpoint,
    { count, status, ageSeconds = null }: { count: number; status: string; ageSeconds?: number | null },
  ): Promise<unknown> =>
    withTenant(api.database.app, orgId, (trx) =>
      trx.raw(
        `INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, next_attempt_at)
         SELECT ?, gen_random_uuid(), gen_random_uuid(), 'lead.created', ?, ?, now() - ?::int * interval '1 second' FROM generate_series(1, ?)`,
        [orgId, id, status, ageSeconds, count],
      ),
    );
  const change = ({ orgId, id }: Endpoint, values: object): Promise<unknown> =>
    withTenant(api.database.app, orgId, (trx) => trx('webhook_endpoints').where({ id }).update(values));

  it('200: an endpoint with nothing to do', async () => {
    expect(await (await endpoint()).read()).to.deep.equal({
      status: 'active',
      pending: 0,
      retrying: 0,
      in_flight: 0,
      held: 0,
      held_by: null,
      held_until: null,
      dead: 0,
      oldest_pending_at: null,
      oldest_pending_seconds: 0,
      exact: true,
    });
  });

  it('200: counts each state, and how long the oldest has waited; what is finished and what is of other endpoints does not count', async () => {
    const [one, other] = [await endpoint(), await endpoint()];
    await plant(one, { count: 3, status: 'pending', ageSeconds: 90 });
    await plant(one, { count: 1, status: 'pending', ageSeconds: 600 });
    await plant(one, { count: 2, status: 'retrying', ageSeconds: -60 });
    await plant(one, { count: 1, status: 'in_flight', ageSeconds: 1_000 });
    await plant(one, { count: 4, status: 'dead' });
    await plant(one, { count: 5, status: 'cancelled' });
    await plant(other, { count: 7, status: 'pending', ageSeconds: 9_000 });
    const backlog = await one.read();
    expect(backlog).to.include({ pending: 4, retrying: 2, in_flight: 1, dead: 4, held: 0, held_by: null, exact: true });
    expect(backlog.oldest_pending_seconds).to.be.within(600, 660);
    expect(Date.now() - Date.parse(backlog.oldest_pending_at!)).to.be.within(600_000, 660_000);
  });

  it('200: what waits for an endpoint that is paused, failing, disabled or asked for a pause is held, and the reason is told', async () => {
    const one = await endpoint();
    await plant(one, { count: 3, status: 'pending', ageSeconds: 5 });
    await plant(one, { count: 1, status: 'retrying', ageSeconds: -60 });
    await plant(one, { count: 1, status: 'in_flight', ageSeconds: 5 });
    for (const status of ['paused', 'failing', 'disabled'] as const) {
      await change(one, { status });
      expect(await one.read()).to.include({ status, held: 4, held_by: status, held_until: null });
    }
    const until = new Date(Date.now() + 60_000);
    await change(one, { status: 'active', held_until: until });
    expect(await one.read()).to.include({ held: 4, held_by: 'overload', held_until: until.toISOString() });
    await change(one, { held_until: new Date(Date.now() - 1_000) });
    expect(await one.read()).to.include({ held: 0, held_by: null, held_until: null });
  });

  it('200: with more than 10,000 it counts no further and says so; it is told what is due first, and who gave up', async () => {
    const one = await endpoint();
    await plant(one, { count: 10_000, status: 'pending', ageSeconds: 50 });
    await plant(one, { count: 10_000, status: 'dead' });
    expect(await one.read()).to.include({ pending: 10_000, dead: 10_000, exact: true });
    await plant(one, { count: 5_000, status: 'pending', ageSeconds: 40 });
    const backlog = await one.read();
    expect(backlog.exact).to.equal(false);
    expect(backlog.pending).to.be.within(10_000, 10_001);
    expect(backlog.oldest_pending_seconds).to.be.at.least(50);
  });

  it('dead letters are found through an index that holds those of this endpoint together', async () => {
    const one = await endpoint();
    await plant(one, { count: 2_000, status: 'dead' });
    await plant(one, { count: 2_000, status: 'pending', ageSeconds: 50 });
    await api.asOwner((owner) => owner.raw('ANALYZE deliveries'));
    const plan = await withTenant(api.database.app, one.orgId, async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(
        `EXPLAIN SELECT status FROM deliveries WHERE org_id = ? AND endpoint_id = ? AND next_attempt_at IS NULL AND delivered_at IS NULL ORDER BY id DESC LIMIT 10`,
        [one.orgId, one.id],
      );
      return rows.map((row) => Object.values(row)[0]).join('\n');
    });
    expect(plan).to.contain('deliveries_given_up_by_endpoint').and.not.contain('Sort');
  });

  it('401, 403, 404: needs webhook.read, and an endpoint of the own organization', async () => {
    const [one, stranger] = [await endpoint(), await createOrganization(api.database)];
    const { key } = await createApiKey(api.database, one, { scopes: ['event.publish'] });
    expect((await api.as(null).get(one.path)).status).to.equal(401);
    expect((await api.as(key).get(one.path)).status).to.equal(403);
    const foreign = await api.as(stranger.key).get(one.path);
    const absent = await api.as(stranger.key).get(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}/backlog`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    expect((await one.caller.get('/admin/webhooks/whk_1/backlog')).status).to.equal(400);
  });
});
