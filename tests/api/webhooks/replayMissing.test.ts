import { expect } from 'chai';
import type { z } from 'zod';
import { withTenant } from '../../../db/tenancy.ts';
import { newId, typeId } from '../../../server/ids.ts';
import type { Replay } from '../../../server/http/routes/webhooks/replaySchemas.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';

type WireReplay = z.output<typeof Replay>;
const SINCE = new Date(Date.now() - 3_600_000).toISOString();

describe('webhooks.replays.start with missing', () => {
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
  });

  const publish = async (...events: object[]) => {
    for (const event of events) expect((await caller.post('/events', { type: 'lead.created', data: {}, ...event })).status).to.equal(202);
  };
  const endpoint = async (fields: object = {}) => `/admin/webhooks/${(await newWebhook(caller, { events: ['*'], ...fields })).id}/replay`;
  const preview = async (path: string, body: object = {}) =>
    (await caller.post<{ matching: number }>(path, { missing: true, since: SINCE, dry_run: true, ...body })).body;

  it('200: counts what was published before the endpoint existed, by its types, and the range and types asked for', async () => {
    await publish({}, { type: 'lead.updated' }, { type: 'meeting.booked' });
    const path = await endpoint({ events: ['lead.*'] });
    expect(await preview(path)).to.deep.equal({ matching: 2, exact: true });
    expect(await preview(path, { event_types: ['lead.updated'] })).to.include({ matching: 1 });
    expect(await preview(path, { until: SINCE, since: new Date(Date.now() - 86_400_000).toISOString() })).to.include({ matching: 0 });
    expect(await preview(path, { since: new Date().toISOString() })).to.include({ matching: 0 });
    expect(await rowsOf(api.database, organization.orgId, 'webhook_replays')).to.deep.equal([]);
    expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.deep.equal([]);
  });

  it('200: what has a delivery is not missing, whatever its state; what was published to a disabled endpoint is', async () => {
    const path = await endpoint();
    await publish({});
    expect(await preview(path)).to.include({ matching: 0 });
    const set = (status: string) =>
      withTenant(api.database.app, organization.orgId, (trx) =>
        trx('webhook_endpoints')
          .update({ status })
          .then(() => undefined),
      );
    await set('disabled');
    await publish({}, {});
    await set('active');
    expect(await preview(path)).to.include({ matching: 2 });
  });

  it('200: payload filter, channels and workspace decide as they do when an event is published', async () => {
    const filter = { 'data.score': { gte: 50 } };
    const wsp = typeId('wsp', organization.workspaceId);
    const events = [
      { data: { score: 90 }, channels: ['eu'], workspace_id: wsp },
      { data: { score: 10 }, channels: ['eu'], workspace_id: wsp },
      { data: { score: 90 }, channels: ['us'], workspace_id: wsp },
      { data: { score: 90 }, channels: ['eu'] },
    ];
    const settings = [{ filter }, { channels: ['eu'] }, { workspace_id: wsp }, { filter, channels: ['eu'], workspace_id: wsp }];
    await publish(...events);
    const counts: number[] = [];
    for (const fields of settings) counts.push((await preview(await endpoint(fields))).matching);
    expect(counts).to.deep.equal([3, 3, 3, 1]);
    await publish(...events);
    const made = await rowsOf<{ endpoint_id: string }>(api.database, organization.orgId, 'deliveries');
    expect(made).to.have.length(10);
  });

  it('200: a test event, and the events of another organization, are not missing anywhere', async () => {
    const first = await endpoint({ events: ['lead.created'] });
    await caller.post(first.replace('/replay', '/test'));
    const other = api.as((await createOrganization(api.database)).key);
    await other.post('/events', { type: 'lead.created', data: {} });
    expect(await preview(await endpoint({ events: ['*', 'webhook.*'] }))).to.include({ matching: 0 });
  });

  it('202: is on record, in the audit log, and can be read; a repeat with the same Idempotency-Key starts no second one', async () => {
    await publish({}, {});
    const path = await endpoint();
    const send = () => caller.post<WireReplay>(path, { missing: true, since: SINCE, per_second: 7 }, { 'idempotency-key': 'missing-1' });
    const { status, body, text } = await send();
    expect(status).to.equal(202);
    expect(body).to.deep.include({ status: 'running', missing: true, matching: 2, replayed: 0, statuses: [], since: SINCE });
    expect((await send()).text).to.equal(text);
    expect((await caller.get<WireReplay>(`${path}s/${body.id}`)).body).to.deep.equal(body);
    expect(await rowsOf(api.database, organization.orgId, 'webhook_replays')).to.have.length(1);
    const entries = await auditEntries(api.database, organization.orgId, 'webhooks.replays.start');
    expect(entries.map(({ target_id: id }) => id)).to.deep.equal([body.id]);
    expect((await caller.post<WireReplay>(`${path}s/${body.id}/cancel`)).body).to.include({ status: 'cancelled' });
  });

  it('400: says that a beginning is needed, that states mean nothing here, and that a range must not end before it begins', async () => {
    const path = await endpoint();
    for (const [body, location, message] of [
      [{ missing: true }, 'body.since', 'is needed with "missing": since when events are looked for'],
      [{ missing: true, since: SINCE, statuses: ['dead'] }, 'body.statuses', 'must be absent with "missing": there are no deliveries yet'],
      [{ missing: true, since: SINCE, until: SINCE }, 'body.until', 'must be later than since'],
      [{ missing: 'yes', since: SINCE }, 'body.missing', 'must be true or false'],
    ] as const) {
      const { status, body: answer } = await caller.post(path, body);
      expect([status, answer.errors]).to.deep.equal([400, [{ location, message }]]);
    }
  });

  it('400: says that nothing can have been missed in the future', async () => {
    const path = await endpoint();
    for (const dryRun of [true, false]) {
      const since = new Date(Date.now() + 60_000).toISOString();
      const { status, body } = await caller.post(path, { missing: true, since, dry_run: dryRun });
      expect([status, body.code, body.errors?.[0]?.location]).to.deep.equal([400, 'validation_failed', 'body.since']);
      expect(body.errors?.[0]?.message).to.match(/^lies in the future: it is now \d{4}-.*Z$/);
    }
    expect(await rowsOf(api.database, organization.orgId, 'webhook_replays')).to.deep.equal([]);
  });

  it('400: says how long events are kept when the range begins before that', async () => {
    const free = api.as((await createOrganization(api.database, { plan: 'free' })).key);
    const { id } = await newWebhook(free);
    const ask = (days: number) =>
      free.post(`/admin/webhooks/${id}/replay`, {
        missing: true,
        since: new Date(Date.now() - days * 86_400_000).toISOString(),
        dry_run: true,
      });
    expect((await ask(29)).status).to.equal(200);
    const { status, body } = await ask(31);
    expect([status, body.code, body.errors?.[0]?.location]).to.deep.equal([400, 'validation_failed', 'body.since']);
    expect(body.errors?.[0]?.message).to.match(/^lies before what is kept: events are kept for 30 days, so it must be \d{4}-.*Z or later$/);
  });

  it('401, 403, 404, 409, 422: as every replay', async () => {
    const path = await endpoint();
    const body = { missing: true, since: SINCE };
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read', 'webhook.write', 'event.read'] });
    expect((await api.as(null).post(path, body)).status).to.equal(401);
    expect((await api.as(key).post(path, body)).status).to.equal(403);
    const absent = await caller.post(`/admin/webhooks/${typeId('whk', newId())}/replay`, body);
    const stranger = await api.as((await createOrganization(api.database)).key).post(path, body);
    expect([absent.status, stranger.status]).to.deep.equal([404, 404]);
    expect({ ...stranger.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    expect((await caller.post(path, { ...body, event_types: ['lead.create'] })).body).to.include({
      status: 422,
      code: 'unknown_event_type',
    });
    expect((await caller.post(path, body)).status).to.equal(202);
    expect((await caller.post(path, {})).body).to.include({ status: 409, code: 'conflict' });
    const id = uuidOf('whk', path.split('/')[3] ?? '');
    await withTenant(api.database.app, organization.orgId, (trx) => trx('webhook_endpoints').where({ id }).update({ status: 'disabled' }));
    expect((await caller.post(path, body)).body.detail).to.contain('The endpoint is disabled');
  });
});
