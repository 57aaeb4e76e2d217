import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook } from '../../support/webhooks.ts';
import type { WirePage } from '../../support/webhooks.ts';

interface Summary {
  id: string;
  type: string;
  occurred_at: string;
  workspace_id: string | null;
  channels: string[];
  deliveries: number;
  created_at: string;
}

type Page = WirePage<Summary>;

describe('events: reading', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { organization, caller: api.as(organization.key) };
  };
  const publish = async (caller: ReturnType<typeof api.as>, fields: object = {}) =>
    (await caller.post<Summary>('/events', { type: 'lead.created', data: { n: 1 }, ...fields })).body;

  describe('events.list', () => {
    it('200: times before 1970 are before every event', async () => {
      const { caller } = await acme();
      const { id } = await publish(caller);
      for (const time of ['0000-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00Z']) {
        expect(
          (await caller.get<Page>(`/events?since=${time}`)).body.data.map((event) => event.id),
          time,
        ).to.deep.equal([id]);
        expect((await caller.get<Page>(`/events?until=${time}`)).body.data, time).to.deep.equal([]);
      }
    });

    it('200: every event once, newest first, over pages, without data', async () => {
      const { caller } = await acme();
      const made: string[] = [];
      for (let i = 0; i < 5; i += 1) {
        made.unshift((await publish(caller)).id);
        await sleep(2);
      }
      const seen: Summary[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: { body: Page } = await caller.get<Page>(`/events?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
        seen.push(...body.data);
        cursor = body.next_cursor;
      }
      expect(seen.map(({ id }) => id)).to.deep.equal(made);
      expect(seen[0]).to.have.all.keys(
        'id',
        'type',
        'occurred_at',
        'workspace_id',
        'channels',
        'deliveries',
        'created_at',
        'payload_erased_at',
      );
    });

    it('200: only the type and the time of acceptance that are asked for, whatever the events say of when they happened', async () => {
      const { caller } = await acme();
      const first = await publish(caller, { occurred_at: hoursAgo(1) });
      await sleep(5);
      const between = new Date().toISOString();
      await sleep(5);
      const second = await publish(caller, { type: 'meeting.booked', occurred_at: hoursAgo(2) });
      const ids = async (query: string) => (await caller.get<Page>(`/events?${query}`)).body.data.map(({ id }) => id);
      expect(await ids(`since=${between}`)).to.deep.equal([second.id]);
      expect(await ids(`until=${between}`)).to.deep.equal([first.id]);
      expect(await ids(`since=${between}&until=${between}`)).to.deep.equal([]);
      expect(await ids('type=lead.created')).to.deep.equal([first.id]);
      const local = new Date(Date.parse(between) + 3_600_000).toISOString().replace('Z', '+01:00');
      expect(await ids(`until=${encodeURIComponent(local)}`)).to.deep.equal([first.id]);
    });

    it('200: neither the events of another organization, nor, for a bound credential, those of another workspace', async () => {
      const [{ organization, caller }, stranger] = [await acme(), await acme()];
      await publish(stranger.caller);
      const bound = api.as((await createApiKey(api.database, organization, { workspaceId: organization.workspaceId })).key);
      const inside = await publish(bound);
      const outside = await publish(caller);
      const ids = async (by: typeof caller) => (await by.get<Page>('/events')).body.data.map(({ id }) => id);
      expect(await ids(bound)).to.deep.equal([inside.id]);
      expect(await ids(caller)).to.have.members([inside.id, outside.id]);
      expect((await bound.get(`/events/${outside.id}`)).status).to.equal(404);
    });

    it('400 and 422: a time without offset, an altered cursor, an unknown type', async () => {
      const { caller } = await acme();
      const time = await caller.get('/events?since=2026-11-02');
      expect([time.status, time.body.errors?.[0]?.location]).to.deep.equal([400, 'query.since']);
      expect((await caller.get('/events?cursor=abc')).body.code).to.equal('invalid_cursor');
      const type = await caller.get('/events?type=lead.create');
      expect([type.status, type.body.errors?.[0]?.location]).to.deep.equal([422, 'query.type']);
    });

    it('401 and 403: needs credentials that hold event.read', async () => {
      const { organization } = await acme();
      const { key } = await createApiKey(api.database, organization, { scopes: ['event.publish'] });
      expect((await api.as(null).get('/events')).status).to.equal(401);
      expect((await api.as(key).get('/events')).status).to.equal(403);
    });
  });

  describe('events.get', () => {
    it('200: the event as it was published, with its data and the number of its deliveries', async () => {
      const { organization, caller } = await acme();
      await newWebhook(caller);
      const data = { text: 'Zoë \u0000 \u2028 "quoted"', nested: [{ deep: null }], number: 1.5 };
      const fields = { data, channels: ['eu'], workspace_id: typeId('wsp', organization.workspaceId), occurred_at: hoursAgo(1) };
      const { id } = await publish(caller, fields);
      const { status, body, headers } = await caller.get<Summary & { data: object }>(`/events/${id}`);
      expect(status).to.equal(200);
      expect(body).to.deep.equal({
        id,
        type: 'lead.created',
        ...fields,
        deliveries: 1,
        created_at: body.created_at,
        payload_erased_at: null,
      });
      expect(headers.get('etag')).to.match(/^W\/"/);
    });

    it('400: an id of something else names its place', async () => {
      const { caller } = await acme();
      const { status, body } = await caller.get(`/events/${typeId('whk', newId())}`);
      expect([status, body.errors?.[0]?.location]).to.deep.equal([400, 'path.id']);
    });

    it('401, 403, 404: needs event.read, and an event of the own organization', async () => {
      const [{ organization, caller }, stranger] = [await acme(), await acme()];
      const { id } = await publish(caller);
      const { key } = await createApiKey(api.database, organization, { scopes: ['event.publish'] });
      expect((await api.as(null).get(`/events/${id}`)).status).to.equal(401);
      expect((await api.as(key).get(`/events/${id}`)).status).to.equal(403);
      const foreign = await stranger.caller.get(`/events/${id}`);
      const absent = await stranger.caller.get(`/events/${typeId('evt', newId())}`);
      expect(foreign.status).to.equal(404);
      expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    });
  });
});

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
