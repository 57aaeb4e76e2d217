import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { z } from 'zod';
import { withTenant } from '../../../db/tenancy.ts';
import { newId, typeId } from '../../../server/ids.ts';
import type { Replay } from '../../../server/http/routes/webhooks/replaySchemas.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';

type WireReplay = z.output<typeof Replay>;
const CHANGES = ['pause', 'resume', 'cancel'];

describe('webhooks.replays', () => {
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  let path: string;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
    path = `/admin/webhooks/${(await newWebhook(caller, { events: ['*'] })).id}/replay`;
  });

  const change = (table: string, where: object, values: object) =>
    withTenant(api.database.app, organization.orgId, (trx) => trx(table).where(where).update(values));
  const finished = async (type: string, status: string) => {
    await caller.post('/events', { type, data: {} });
    await change('deliveries', { status: 'pending' }, { status, next_attempt_at: null });
    await sleep(3);
  };
  const matching = async (body: object) => (await caller.post<{ matching: number }>(path, { ...body, dry_run: true })).body.matching;
  const start = async () => (await caller.post<WireReplay>(path, {})).body;

  describe('webhooks.replays.start', () => {
    it('200: a dry run counts what matches and changes nothing', async () => {
      await finished('lead.created', 'dead');
      const since = new Date().toISOString();
      await finished('lead.updated', 'dead');
      await finished('lead.updated', 'delivered');
      expect(await matching({})).to.equal(2);
      expect(await matching({ statuses: ['dead', 'delivered'] })).to.equal(3);
      expect(await matching({ event_types: ['lead.updated'] })).to.equal(1);
      expect(await matching({ since })).to.equal(1);
      expect(await matching({ until: since })).to.equal(1);
      for (const table of ['webhook_replays', 'outbox'])
        expect(await rowsOf(api.database, organization.orgId, table, table === 'outbox' ? { topic: 'webhook.replay' } : {})).to.deep.equal(
          [],
        );
    });

    it('202: is on record with what was asked for, and can be read', async () => {
      await finished('lead.created', 'dead');
      const { status, body } = await caller.post<WireReplay>(path, { event_types: ['lead.created'], per_second: 7 });
      expect(status).to.equal(202);
      expect(body).to.deep.include({ status: 'running', matching: 1, replayed: 0, per_second: 7, statuses: ['dead'] });
      expect(body.id).to.match(/^rpl_/);
      expect((await caller.get<WireReplay>(`${path}s/${body.id}`)).body).to.deep.equal(body);
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.replays.start');
      expect(entries.map(({ target_id: id }) => id)).to.deep.equal([body.id]);
    });

    it('a repeat with the same Idempotency-Key starts no second one', async () => {
      const send = () => caller.post<WireReplay>(path, {}, { 'idempotency-key': 'replay-all' });
      const [first, second] = [await send(), await send()];
      expect([first.status, second.text]).to.deep.equal([202, first.text]);
    });

    it('409: one replay of an endpoint at a time, and none of a disabled one', async () => {
      const { id } = await start();
      expect((await caller.post(path, {})).body).to.include({ status: 409, code: 'conflict' });
      await caller.post(`${path}s/${id}/cancel`);
      await change('webhook_endpoints', {}, { status: 'disabled' });
      expect((await caller.post(path, {})).body.detail).to.contain('disabled');
    });

    it('400, 401, 403, 404, 422: what is wrong is named', async () => {
      const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read', 'webhook.write'] });
      for (const [field, value] of Object.entries({
        per_second: 0,
        statuses: ['pending'],
        since: 'yesterday',
        event_types: [],
        all: true,
      })) {
        const { status, body } = await caller.post(path, { [field]: value });
        expect([status, body.errors?.[0]?.location.startsWith('body')], field).to.deep.equal([400, true]);
      }
      expect((await api.as(null).post(path, {})).status).to.equal(401);
      expect((await api.as(key).post(path, {})).status).to.equal(403);
      expect((await caller.post(`/admin/webhooks/${typeId('whk', newId())}/replay`, {})).status).to.equal(404);
      expect((await caller.post(path, { event_types: ['lead.create'] })).status).to.equal(422);
    });
  });

  it('webhooks.replays.pause, resume, cancel: each once, with an audit entry; a finished one cannot be changed', async () => {
    const { id } = await start();
    const becomes = async (to: string) => {
      const { status, body } = await caller.post<WireReplay>(`${path}s/${id}/${to}`);
      return [status, body.status];
    };
    expect(await becomes('pause')).to.deep.equal([200, 'paused']);
    expect(await becomes('pause')).to.deep.equal([200, 'paused']);
    await change('webhook_endpoints', {}, { status: 'disabled' });
    expect(await becomes('resume')).to.deep.equal([409, 409]);
    await change('webhook_endpoints', {}, { status: 'active' });
    expect(await becomes('resume')).to.deep.equal([200, 'running']);
    expect(await becomes('cancel')).to.deep.equal([200, 'cancelled']);
    expect(await becomes('pause')).to.deep.equal([409, 409]);
    for (const to of CHANGES) expect(await auditEntries(api.database, organization.orgId, `webhooks.replays.${to}`), to).to.have.length(1);
  });

  it('webhooks.replays.get, pause, resume, cancel: 400, 401, 403, 404', async () => {
    const { id } = await start();
    const writer = api.as((await createApiKey(api.database, organization, { scopes: ['webhook.write'] })).key);
    const stranger = api.as((await createOrganization(api.database)).key);
    const ask = (as: Caller, at: string, to: string) => (to === '' ? as.get(at) : as.post(`${at}/${to}`));
    for (const to of ['', ...CHANGES]) {
      const status = async (as: Caller, at = `${path}s/${id}`) => (await ask(as, at, to)).status;
      expect(await status(caller, `${path}s/${organization.orgId}`), to).to.equal(400);
      expect(await status(api.as(null)), to).to.equal(401);
      expect(await status(writer), to).to.equal(403);
      expect(await status(stranger), to).to.equal(404);
      expect(await status(caller, `${path}s/${typeId('rpl', newId())}`), to).to.equal(404);
    }
  });
});
