import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import { createWorkspace } from '../../support/workspaces.ts';

interface Published {
  id: string;
  type: string;
  occurred_at: string;
  deliveries: number;
}

const EVENT = { type: 'lead.created', data: { lead_id: 'lead_42' } };

describe('events.publish', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { organization, caller: api.as(organization.key) };
  };

  describe('202', () => {
    it('keeps the exact text that receivers get, and writes a delivery for each subscriber', async () => {
      const { organization, caller } = await acme();
      const subscribed = [await newWebhook(caller, { events: ['lead.created'] }), await newWebhook(caller, { events: ['lead.*', '*'] })];
      await newWebhook(caller, { events: ['lead.updated', 'webhook.*'] });
      const occurredAt = new Date(Date.now() - 60_000).toISOString();
      const { status, body } = await caller.post<Published>('/events', { ...EVENT, occurred_at: occurredAt });
      expect(status).to.equal(202);
      expect(body).to.deep.equal({ id: body.id, type: 'lead.created', occurred_at: occurredAt, deliveries: 2 });
      const [event] = await rowsOf<{ payload: string }>(api.database, organization.orgId, 'events');
      expect(event!.payload).to.equal(`{"type":"lead.created","timestamp":"${occurredAt}","data":{"lead_id":"lead_42"}}`);
      const deliveries = await rowsOf<{ endpoint_id: string }>(api.database, organization.orgId, 'deliveries');
      expect(deliveries.map((row) => typeId('whk', row.endpoint_id))).to.have.members(subscribed.map(({ id }) => id));
      expect((await auditEntries(api.database, organization.orgId, 'events.publish')).map((entry) => entry.target_id)).to.deep.equal([
        body.id,
      ]);
    });

    it('without occurred_at it is now; an offset is turned into UTC; 5 minutes ahead and a year back are accepted', async () => {
      const { caller } = await acme();
      const before = Date.now();
      const { body } = await caller.post<Published>('/events', EVENT);
      expect(Date.parse(body.occurred_at)).to.be.within(before, Date.now());
      const utc = new Date(Date.now() - 7_200_000).toISOString();
      const local = new Date(Date.parse(utc) + 5_400_000).toISOString().replace('Z', '+01:30');
      expect((await caller.post<Published>('/events', { ...EVENT, occurred_at: local })).body.occurred_at).to.equal(utc);
      for (const ms of [290_000, -365 * 86_400_000]) {
        expect((await caller.post('/events', { ...EVENT, occurred_at: new Date(Date.now() + ms).toISOString() })).status).to.equal(202);
      }
    });

    it('channels: an endpoint that listens to some gets only what shares one, an endpoint without gets all', async () => {
      const { caller } = await acme();
      await newWebhook(caller, { channels: ['eu', 'us'] });
      await newWebhook(caller);
      const deliveries = async (channels: string[]) => (await caller.post<Published>('/events', { ...EVENT, channels })).body.deliveries;
      expect([await deliveries(['eu']), await deliveries(['asia']), await deliveries([])]).to.deep.equal([2, 1, 1]);
    });

    it('workspaces: an endpoint of one gets its events only, and a bound credential publishes into its own', async () => {
      const { organization, caller } = await acme();
      const other = await createWorkspace(api.database, organization.orgId);
      await newWebhook(caller, { workspace_id: typeId('wsp', organization.workspaceId) });
      const bound = api.as((await createApiKey(api.database, organization, { workspaceId: organization.workspaceId })).key);
      const deliveries = async (by: typeof caller, fields: object) =>
        (await by.post<Published>('/events', { ...EVENT, ...fields })).body.deliveries;
      expect(await deliveries(bound, {})).to.equal(1);
      expect(await deliveries(caller, { workspace_id: typeId('wsp', organization.workspaceId) })).to.equal(1);
      expect(await deliveries(caller, { workspace_id: typeId('wsp', other) })).to.equal(0);
      expect(await deliveries(caller, {})).to.equal(0);
    });

    it('a repeat with the same Idempotency-Key is the same event, also while the first one is being written', async () => {
      const { organization, caller } = await acme();
      const send = () => caller.post<Published>('/events', EVENT, { 'idempotency-key': 'lead-42' });
      const answers = await Promise.all([send(), send(), send()]);
      const repeated = await send();
      const accepted = [...answers, repeated].filter(({ status }) => status === 202);
      expect(new Set(accepted.map(({ text }) => text))).to.have.property('size', 1);
      for (const { status, body } of answers)
        if (status !== 202) expect((body as unknown as { code: string }).code).to.equal('idempotency_in_flight');
      expect(await rowsOf(api.database, organization.orgId, 'events')).to.have.length(1);
    });

    it('an endpoint that came since the event before gets this one, and the answer that is kept for a repeat says so', async () => {
      const { organization, caller } = await acme();
      const send = (key: string) => caller.post<Published>('/events', EVENT, { 'idempotency-key': key });
      expect((await send('before')).body.deliveries).to.equal(0);
      await newWebhook(caller);
      const [answer, repeated] = [await send('after'), await send('after')];
      expect(answer.body.deliveries).to.equal(1);
      expect(repeated.text).to.equal(answer.text);
      const stored = await rowsOf<{ id: string }>(api.database, organization.orgId, 'events');
      expect(stored.map(({ id }) => typeId('evt', id)))
        .to.have.lengthOf(2)
        .and.include(answer.body.id);
    });

    it('64 requests at once are 64 events, each answered with its own id', async () => {
      const { organization, caller } = await acme();
      await newWebhook(caller);
      const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => caller.post<Published>('/events', { ...EVENT, data: { n } })));
      expect(answers.every(({ status }) => status === 202)).to.equal(true);
      const rows = await rowsOf<{ id: string; payload: string }>(api.database, organization.orgId, 'events');
      const numberOf = new Map(rows.map(({ id, payload }) => [id, (JSON.parse(payload) as { data: { n: number } }).data.n]));
      expect(answers.map(({ body }) => numberOf.get(uuidOf('evt', body.id)))).to.deep.equal(answers.map((_, n) => n));
      expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.have.length(64);
    });
  });

  describe('400', () => {
    const late = new Date(Date.now() - 367 * 86_400_000).toISOString();
    const early = new Date(Date.now() + 86_400_000).toISOString();
    const faults: [name: string, fields: object, location: string, message: RegExp][] = [
      ['no type', { type: undefined }, 'body.type', /required/],
      ['no data', { data: undefined }, 'body.data', /required/],
      ['data that is a list', { data: [1] }, 'body.data', /object/],
      ['data that is text', { data: 'x' }, 'body.data', /object/],
      ['data of more than 256 KiB', { data: { text: 'x'.repeat(262_144) } }, 'body.data', /at most 262144/],
      ['a time without offset', { occurred_at: '2026-11-02T09:30:00' }, 'body.occurred_at', /RFC 3339/],
      ['a day that does not exist', { occurred_at: '2026-02-30T09:30:00Z' }, 'body.occurred_at', /RFC 3339/],
      ['a time far ahead', { occurred_at: early }, 'body.occurred_at', /5 minutes/],
      ['a time long past', { occurred_at: late }, 'body.occurred_at', /366 days/],
      ['11 channels', { channels: Array.from({ length: 11 }, (_, n) => `c${n}`) }, 'body.channels', /at most 10/],
      ['a bad workspace id', { workspace_id: 'x' }, 'body.workspace_id', /workspace/],
      ['an unknown field', { timestamp: 1 }, 'body.timestamp', /not known/],
    ];
    for (const [name, fields, location, message] of faults) {
      it(`${name}: names ${location}`, async () => {
        const { caller } = await shared();
        const { status, body } = await caller.post('/events', { ...EVENT, ...fields });
        expect([status, body.code]).to.deep.equal([400, 'validation_failed']);
        expect(body.errors?.find((error) => error.location === location)?.message).to.match(message);
      });
    }

    it('a workspace of another organization and one that does not exist are refused in the same words', async () => {
      const [{ caller }, stranger] = [await acme(), await acme()];
      const refuse = async (uuid: string) => {
        const { body } = await caller.post('/events', { ...EVENT, workspace_id: typeId('wsp', uuid) });
        return { ...body, request_id: '' };
      };
      const foreign = await refuse(stranger.organization.workspaceId);
      expect(foreign).to.deep.equal(await refuse('01980a4e-7c00-7000-8000-000000000001'));
      expect(foreign).to.include({ status: 400, code: 'validation_failed' });
    });
  });

  it('401, 403, 429: needs credentials that hold event.publish and have requests left', async () => {
    const { organization } = await acme();
    const reader = await createApiKey(api.database, organization, { scopes: ['event.read'] });
    const limited = await createApiKey(api.database, organization, { rateLimitPerHour: 1 });
    expect((await api.as(null).post('/events', EVENT)).body.code).to.equal('missing_credentials');
    expect((await api.as(reader.key).post('/events', EVENT)).body.detail).to.include('event.publish');
    expect((await api.as(limited.key).post('/events', EVENT)).status).to.equal(202);
    expect((await api.as(limited.key).post('/events', EVENT)).status).to.equal(429);
  });

  it('422: an unknown type, a wildcard, a type of the platform, and a used Idempotency-Key', async () => {
    const { caller } = await acme();
    const codes = async (type: string) => {
      const { status, body } = await caller.post('/events', { ...EVENT, type });
      return [status, body.code, body.errors?.[0]?.location];
    };
    expect(await codes('lead.create')).to.deep.equal([422, 'unknown_event_type', 'body.type']);
    expect(await codes('lead.*')).to.deep.equal([422, 'unknown_event_type', 'body.type']);
    expect(await codes('webhook.delivery.dead')).to.deep.equal([422, 'reserved_event_type', 'body.type']);
    expect(await codes('webhook.test')).to.deep.equal([422, 'reserved_event_type', 'body.type']);
    await caller.post('/events', EVENT, { 'idempotency-key': 'k' });
    const { body } = await caller.post('/events', { ...EVENT, data: { other: 1 } }, { 'idempotency-key': 'k' });
    expect(body.code).to.equal('idempotency_mismatch');
  });

  it('leaves nothing behind when the audit append fails: no event, no delivery, no wake-up, no stored answer', async () => {
    const { organization, caller } = await acme();
    await newWebhook(caller);
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      expect((await caller.post('/events', EVENT, { 'idempotency-key': 'fault' })).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    for (const table of ['events', 'deliveries', 'outbox'])
      expect(await rowsOf(api.database, organization.orgId, table), table).to.deep.equal([]);
    expect((await caller.post('/events', EVENT, { 'idempotency-key': 'fault' })).status).to.equal(202);
  });

  let once: ReturnType<typeof acme> | undefined;
  const shared = () => (once ??= acme());
});
