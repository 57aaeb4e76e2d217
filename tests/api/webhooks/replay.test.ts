import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireDelivery, WirePage } from '../../support/webhooks.ts';

const FINISHED = { status: 'dead', next_attempt_at: null, attempts: 6, failures: 6, last_error_code: 'timeout' };

describe('webhooks.replay', () => {
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  before(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
  });

  const change = (table: string, where: object, values: object) =>
    withTenant(api.database.app, organization.orgId, (trx) => trx(table).where(where).update(values));
  /** An endpoint with one delivery in the state that is asked for. */
  const delivery = async (state: object) => {
    const webhook = await newWebhook(caller, { events: ['*'] });
    await caller.post('/events', { type: 'lead.created', data: {} });
    const { body } = await caller.get<WirePage<WireDelivery>>(`/admin/webhooks/${webhook.id}/deliveries`);
    const [{ id, event_id: eventId }] = body.data as [WireDelivery];
    await change('deliveries', { id: uuidOf('dlv', id) }, state);
    return { webhook, id, eventId, path: `/admin/webhooks/${webhook.id}/replay/${id}` };
  };

  for (const state of [
    FINISHED,
    { ...FINISHED, status: 'cancelled' },
    { ...FINISHED, status: 'delivered', delivered_at: new Date(), failures: 2, last_error_code: null },
  ]) {
    it(`202: a ${state.status} delivery is due again with all its retries, as the same event`, async () => {
      const { id, eventId, path } = await delivery(state);
      const { status, body } = await caller.post<WireDelivery>(path);
      expect(status).to.equal(202);
      expect(body).to.include({ id, event_id: eventId, status: 'pending', attempts: 6, delivered_at: null });
      const [row] = await rowsOf<{ replay: boolean; failures: number }>(api.database, organization.orgId, 'deliveries', {
        id: uuidOf('dlv', id),
      });
      expect(row).to.include({ replay: true, failures: 0 });
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.replay');
      expect(entries.at(-1)).to.include({ target_id: id, outcome: 'success' });
    });
  }

  for (const state of ['pending', 'in_flight', 'retrying']) {
    it(`409: a delivery that is ${state} is sent anyway`, async () => {
      const { path } = await delivery({ status: state });
      const { status, body } = await caller.post(path);
      expect([status, body.code]).to.deep.equal([409, 'conflict']);
      expect(body.detail).to.contain(`is ${state}`);
    });
  }

  it('409: a disabled endpoint gets nothing; a paused one gets it when it is resumed', async () => {
    const { webhook, path } = await delivery(FINISHED);
    const where = { id: uuidOf('whk', webhook.id) };
    await change('webhook_endpoints', where, { status: 'disabled' });
    const { status, body } = await caller.post(path);
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(body.detail).to.contain('endpoint is disabled');
    await change('webhook_endpoints', where, { status: 'paused' });
    expect((await caller.post(path)).status).to.equal(202);
  });

  it('409: an event that is no longer kept cannot be sent', async () => {
    const { id, path } = await delivery(FINISHED);
    await change('deliveries', { id: uuidOf('dlv', id) }, { event_id: newId() });
    const { status, body } = await caller.post(path);
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(body.detail).to.contain('event is no longer kept');
  });

  it('a repeat with the same Idempotency-Key gets the first answer, and no conflict', async () => {
    const { path } = await delivery(FINISHED);
    const send = () => caller.post<WireDelivery>(path, undefined, { 'idempotency-key': 'replay-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).to.deep.equal([202, 202]);
    expect(second.text).to.equal(first.text);
  });

  it('leaves nothing behind when the audit append fails: the delivery stays dead, nobody is woken', async () => {
    const { id, path } = await delivery(FINISHED);
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      expect((await caller.post(path)).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    const [row] = await rowsOf(api.database, organization.orgId, 'deliveries', { id: uuidOf('dlv', id) });
    expect(row).to.include({ status: 'dead', replay: false });
  });

  it('400, 401, 403, 404: needs ids, webhook.replay, and an endpoint that exists in the own organization', async () => {
    const { webhook, id, path } = await delivery(FINISHED);
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read', 'webhook.write'] });
    const stranger = api.as((await createOrganization(api.database)).key);
    expect((await caller.post(`/admin/webhooks/${webhook.id}/replay/${webhook.id}`)).status).to.equal(400);
    expect((await api.as(null).post(path)).status).to.equal(401);
    expect((await api.as(key).post(path)).status).to.equal(403);
    const absent = await caller.post(`/admin/webhooks/${webhook.id}/replay/${typeId('dlv', newId())}`);
    const answers = [absent, await stranger.post(path)];
    await caller.delete(`/admin/webhooks/${webhook.id}`);
    answers.push(await caller.post(`/admin/webhooks/${webhook.id}/replay/${id}`));
    for (const { status, body } of answers) {
      expect(status).to.equal(404);
      expect({ ...body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    }
  });
});
