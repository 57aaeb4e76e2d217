import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireDelivery, WirePage } from '../../support/webhooks.ts';

const LIST = '/admin/dead-letters';
const REQUEUE = `${LIST}/requeue`;

interface Changed {
  requeued?: number;
  purged?: number;
  remaining: number;
}

describe('webhooks.dead_letters', () => {
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
  });

  const change = (table: string, where: object, values: object) =>
    withTenant(api.database.app, organization.orgId, (trx) => trx(table).where(where).update(values));
  const publish = (type: string) => caller.post('/events', { type, data: {} });
  const kill = () =>
    change('deliveries', {}, { status: 'dead', next_attempt_at: null, attempts: 6, failures: 6, last_error_code: 'timeout' });
  const list = async (query = '') => (await caller.get<WirePage<WireDelivery>>(`${LIST}?${query}`)).body;
  const statuses = async () =>
    (await rowsOf<{ status: string }>(api.database, organization.orgId, 'deliveries')).map(({ status }) => status);

  describe('webhooks.dead_letters.list', () => {
    it('200: those of every endpoint, newest first, over pages; what is not dead is not there', async () => {
      const [a, b] = [await newWebhook(caller, { events: ['*'] }), await newWebhook(caller, { events: ['*'] })];
      await publish('lead.created');
      await publish('lead.updated');
      await kill();
      await publish('lead.replied');
      const first = await list('limit=3');
      const second = await list(`limit=3&cursor=${first.next_cursor}`);
      const all = [...first.data, ...second.data];
      expect(all).to.have.length(4);
      expect(second.next_cursor).to.equal(null);
      expect(all.map(({ id }) => id)).to.deep.equal(
        all
          .map(({ id }) => id)
          .toSorted()
          .toReversed(),
      );
      expect(new Set(all.map(({ webhook_id: id }) => id))).to.deep.equal(new Set([a.id, b.id]));
      for (const delivery of all) expect(delivery).to.include({ status: 'dead', attempts: 6, last_error_code: 'timeout' });
    });

    it('200: narrowed down by endpoint, event type and time', async () => {
      const [a, b] = [await newWebhook(caller, { events: ['*'] }), await newWebhook(caller, { events: ['lead.updated'] })];
      await publish('lead.created');
      await sleep(5);
      const between = new Date().toISOString();
      await sleep(5);
      await publish('lead.updated');
      await kill();
      const found = async (query: string) => (await list(query)).data.map(({ webhook_id: id, event_type: type }) => [id, type]);
      expect(await found(`webhook_id=${b.id}`)).to.deep.equal([[b.id, 'lead.updated']]);
      expect(await found('event_type=lead.created')).to.deep.equal([[a.id, 'lead.created']]);
      expect(await found(`until=${between}`)).to.deep.equal([[a.id, 'lead.created']]);
      expect(await found(`since=${between}&webhook_id=${a.id}`)).to.deep.equal([[a.id, 'lead.updated']]);
    });

    it('200: not those of a deleted endpoint, nor for a key of a workspace those of the organization', async () => {
      const webhook = await newWebhook(caller, { events: ['*'] });
      await publish('lead.created');
      await kill();
      const { workspaceId } = organization;
      const { key } = await createApiKey(api.database, organization, { workspaceId });
      expect((await api.as(key).get<WirePage<WireDelivery>>(LIST)).body.data).to.deep.equal([]);
      expect((await api.as(key).post(REQUEUE, {})).body).to.deep.equal({ requeued: 0, remaining: 0 });
      await caller.delete(`/admin/webhooks/${webhook.id}`);
      expect((await list()).data).to.deep.equal([]);
    });

    it('400, 404, 422: what is wrong with a filter is named', async () => {
      const wrong = await caller.get(`${LIST}?since=yesterday`);
      expect([wrong.status, wrong.body.errors?.[0]?.location]).to.deep.equal([400, 'query.since']);
      expect((await caller.get(`${LIST}?webhook_id=${typeId('whk', newId())}`)).status).to.equal(404);
      const type = await caller.get(`${LIST}?event_type=lead.create`);
      expect([type.status, type.body.errors?.[0]?.location]).to.deep.equal([422, 'query.event_type']);
    });

    it('401 and 403: needs webhook.read', async () => {
      const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.replay'] });
      expect((await api.as(null).get(LIST)).status).to.equal(401);
      expect((await api.as(key).get(LIST)).status).to.equal(403);
    });
  });

  describe('webhooks.dead_letters.requeue', () => {
    it('200: the oldest first, as replays that are due now, until nothing remains', async () => {
      const webhook = await newWebhook(caller, { events: ['*'] });
      for (let i = 0; i < 3; i += 1) await publish('lead.created');
      await kill();
      expect((await caller.post<Changed>(REQUEUE, { limit: 2 })).body).to.deep.equal({ requeued: 2, remaining: 1 });
      expect(await statuses()).to.deep.equal(['pending', 'pending', 'dead']);
      expect((await caller.post<Changed>(REQUEUE, { webhook_id: webhook.id })).body).to.deep.equal({ requeued: 1, remaining: 0 });
      const rows = await rowsOf<{ next_attempt_at: Date | null }>(api.database, organization.orgId, 'deliveries');
      for (const row of rows) expect(row).to.include({ replay: true, failures: 0, attempts: 6 }).and.not.include({ next_attempt_at: null });
      expect((await caller.post<Changed>(REQUEUE, {})).body).to.deep.equal({ requeued: 0, remaining: 0 });
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.dead_letters.requeue');
      expect(entries.map(({ target_id: id }) => id)).to.deep.equal([typeId('org', organization.orgId), webhook.id]);
    });

    it('200: only what the filter names', async () => {
      await newWebhook(caller, { events: ['*'] });
      await publish('lead.created');
      await publish('lead.updated');
      await kill();
      const { body } = await caller.post<Changed>(REQUEUE, { event_type: 'lead.updated', since: '2020-01-01T00:00:00Z' });
      expect(body).to.deep.equal({ requeued: 1, remaining: 0 });
      expect(await statuses()).to.deep.equal(['dead', 'pending']);
      expect((await caller.post<Changed>(REQUEUE, { until: '2020-01-01T00:00:00Z' })).body.requeued).to.equal(0);
    });

    it('200: what cannot be sent is left out and stays on the list: a disabled endpoint, an event that is gone', async () => {
      const webhook = await newWebhook(caller, { events: ['*'] });
      await publish('lead.created');
      await kill();
      await change('deliveries', {}, { event_id: newId() });
      await newWebhook(caller, { events: ['lead.updated'] });
      await publish('lead.updated');
      await kill();
      await change('webhook_endpoints', { id: uuidOf('whk', webhook.id) }, { status: 'disabled' });
      expect((await caller.post<Changed>(REQUEUE, {})).body).to.deep.equal({ requeued: 1, remaining: 0 });
      await change('webhook_endpoints', {}, { status: 'active' });
      expect((await caller.post<Changed>(REQUEUE, {})).body).to.deep.equal({ requeued: 1, remaining: 0 });
      expect((await list()).data).to.have.length(1);
    });

    it('a repeat with the same Idempotency-Key gets the first answer and changes nothing', async () => {
      await newWebhook(caller, { events: ['*'] });
      await publish('lead.created');
      await kill();
      const send = () => caller.post<Changed>(REQUEUE, {}, { 'idempotency-key': 'requeue-1' });
      expect((await send()).body.requeued).to.equal(1);
      await kill();
      expect((await send()).body.requeued).to.equal(1);
      expect(await statuses()).to.deep.equal(['dead']);
    });

    it('400, 404, 409, 422: the field that is wrong, an endpoint that is not there, or is disabled, an unknown type', async () => {
      const webhook = await newWebhook(caller);
      await change('webhook_endpoints', {}, { status: 'disabled' });
      const at = async (body: object) => {
        const answer = await caller.post(REQUEUE, body);
        return [answer.status, answer.body.errors?.[0]?.location ?? answer.body.code];
      };
      expect(await at({ limit: 1_001 })).to.deep.equal([400, 'body.limit']);
      expect(await at({ webhook_id: typeId('whk', newId()) })).to.deep.equal([404, 'not_found']);
      expect(await at({ webhook_id: webhook.id })).to.deep.equal([409, 'conflict']);
      expect(await at({ event_type: 'lead.create' })).to.deep.equal([422, 'body.event_type']);
    });

    it('401 and 403: needs webhook.replay', async () => {
      const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read', 'webhook.write'] });
      expect((await api.as(null).post(REQUEUE, {})).status).to.equal(401);
      expect((await api.as(key).post(REQUEUE, {})).status).to.equal(403);
    });
  });

  describe('webhooks.dead_letters.purge', () => {
    it('200: they leave the list, the oldest first; their deliveries stay, cancelled, and can be replayed', async () => {
      const webhook = await newWebhook(caller, { events: ['*'] });
      for (let i = 0; i < 2; i += 1) await publish('lead.created');
      await kill();
      expect((await caller.delete<Changed>(`${LIST}?limit=1`)).body).to.deep.equal({ purged: 1, remaining: 1 });
      expect(await statuses()).to.deep.equal(['cancelled', 'dead']);
      const purged = (await caller.get<WirePage<WireDelivery>>(`/admin/webhooks/${webhook.id}/deliveries?status=cancelled`)).body.data[0]!;
      expect(purged).to.include({ attempts: 6, last_error_code: 'timeout' });
      expect((await caller.delete<Changed>(`${LIST}?webhook_id=${webhook.id}&event_type=lead.created`)).body.purged).to.equal(1);
      expect((await list()).data).to.deep.equal([]);
      expect((await caller.post(`/admin/webhooks/${webhook.id}/replay/${purged.id}`)).status).to.equal(202);
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.dead_letters.purge');
      expect(entries.map(({ target_id: id }) => id)).to.deep.equal([typeId('org', organization.orgId), webhook.id]);
    });

    it('400, 404, 422: what is wrong with the filter is named, and nothing is purged', async () => {
      await newWebhook(caller, { events: ['*'] });
      await publish('lead.created');
      await kill();
      const at = async (query: string) => (await caller.delete(`${LIST}?${query}`)).status;
      expect(await at('limit=0')).to.equal(400);
      expect(await at('type=lead.created')).to.equal(400);
      expect(await at(`webhook_id=${typeId('whk', newId())}`)).to.equal(404);
      expect(await at('event_type=lead.create')).to.equal(422);
      expect(await statuses()).to.deep.equal(['dead']);
    });

    it('401 and 403: needs webhook.replay', async () => {
      const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read', 'webhook.write'] });
      expect((await api.as(null).delete(LIST)).status).to.equal(401);
      expect((await api.as(key).delete(LIST)).status).to.equal(403);
    });
  });
});
