import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook, uuidOf } from '../../support/webhooks.ts';
import type { WireDelivery, WireDeliveryDetail, WirePage } from '../../support/webhooks.ts';

type Page = WirePage<WireDelivery>;

describe('webhooks.deliveries', () => {
  const api = useApi();
  const endpoint = async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller, { events: ['*'] });
    return { organization, caller, webhook, path: `/admin/webhooks/${webhook.id}/deliveries` };
  };
  const publish = async (caller: ReturnType<typeof api.as>, type: string) =>
    (await caller.post<{ id: string }>('/events', { type, data: {} })).body.id;

  describe('webhooks.deliveries.list', () => {
    it('200: every delivery once, newest first, over pages', async () => {
      const { caller, webhook, path } = await endpoint();
      const events: string[] = [];
      for (let i = 0; i < 5; i += 1) events.unshift(await publish(caller, 'lead.created'));
      const seen: WireDelivery[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: { body: Page } = await caller.get<Page>(`${path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
        seen.push(...body.data);
        cursor = body.next_cursor;
      }
      expect(seen.map((delivery) => delivery.event_id)).to.deep.equal(events);
      expect(seen[0]).to.include({
        webhook_id: webhook.id,
        event_type: 'lead.created',
        status: 'pending',
        attempts: 0,
        last_status_code: null,
      });
      expect(seen[0]!.id).to.match(/^dlv_/);
    });

    it('200: only the state and the event type that are asked for', async () => {
      const { organization, caller, path } = await endpoint();
      await publish(caller, 'lead.created');
      await publish(caller, 'meeting.booked');
      const { body: all } = await caller.get<Page>(path);
      const [booked, created] = all.data;
      await withTenant(api.database.app, organization.orgId, (trx) =>
        trx('deliveries')
          .where({ id: uuidOf('dlv', created!.id) })
          .update({ status: 'dead', next_attempt_at: null }),
      );
      const ids = async (query: string) => (await caller.get<Page>(`${path}?${query}`)).body.data.map(({ id }) => id);
      expect(await ids('status=dead')).to.deep.equal([created!.id]);
      expect(await ids('status=pending')).to.deep.equal([booked!.id]);
      expect(await ids('event_type=meeting.booked')).to.deep.equal([booked!.id]);
      expect(await ids('status=dead&event_type=meeting.booked')).to.deep.equal([]);
    });

    it('200: not the deliveries of another endpoint', async () => {
      const { caller, path } = await endpoint();
      const other = await newWebhook(caller, { events: ['meeting.*'] });
      await publish(caller, 'meeting.booked');
      const own = (await caller.get<Page>(path)).body.data;
      const others = (await caller.get<Page>(`/admin/webhooks/${other.id}/deliveries`)).body.data;
      expect(own).to.have.length(1);
      expect(others).to.have.length(1);
      expect(own[0]!.id).to.not.equal(others[0]!.id);
      expect((await caller.get(`${path}/${others[0]!.id}`)).status).to.equal(404);
    });

    it('400: a cursor of another endpoint', async () => {
      const { caller, path } = await endpoint();
      const other = await newWebhook(caller, { events: ['*'] });
      await publish(caller, 'lead.created');
      await publish(caller, 'lead.created');
      const { next_cursor: cursor } = (await caller.get<Page>(`${path}?limit=1`)).body;
      expect((await caller.get(`${path}?limit=1&cursor=${cursor}`)).status).to.equal(200);
      const elsewhere = await caller.get(`/admin/webhooks/${other.id}/deliveries?limit=1&cursor=${cursor}`);
      expect([elsewhere.status, elsewhere.body.code]).to.deep.equal([400, 'invalid_cursor']);
    });

    it('400 and 422: a state that does not exist, a foreign cursor, an unknown event type', async () => {
      const { caller, path } = await endpoint();
      const state = await caller.get(`${path}?status=lost`);
      expect([state.status, state.body.errors?.[0]?.location]).to.deep.equal([400, 'query.status']);
      const cursor = await caller.get(`${path}?cursor=abc`);
      expect([cursor.status, cursor.body.code]).to.deep.equal([400, 'invalid_cursor']);
      const type = await caller.get(`${path}?event_type=lead.create`);
      expect([type.status, type.body.errors?.[0]?.location]).to.deep.equal([422, 'query.event_type']);
    });

    it('401, 403, 404: needs webhook.read, and an endpoint of the own organization', async () => {
      const { organization, path } = await endpoint();
      const { key } = await createApiKey(api.database, organization, { scopes: ['event.read'] });
      const stranger = await createOrganization(api.database);
      expect((await api.as(null).get(path)).status).to.equal(401);
      expect((await api.as(key).get(path)).status).to.equal(403);
      const foreign = await api.as(stranger.key).get(path);
      const absent = await api.as(stranger.key).get(`/admin/webhooks/${typeId('whk', newId())}/deliveries`);
      expect(foreign.status).to.equal(404);
      expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    });
  });

  describe('webhooks.deliveries.get', () => {
    it('200: shows every attempt in order, with what the endpoint answered or why it did not', async () => {
      const { organization, caller, webhook, path } = await endpoint();
      const eventId = await publish(caller, 'lead.created');
      const [delivery] = (await caller.get<Page>(path)).body.data;
      const attempt = (number: number, result: object) => ({
        org_id: organization.orgId,
        id: newId(),
        delivery_id: uuidOf('dlv', delivery!.id),
        endpoint_id: uuidOf('whk', webhook.id),
        event_id: uuidOf('evt', eventId),
        number,
        started_at: new Date('2026-11-02T09:30:00Z'),
        duration_ms: 7 * number,
        ...result,
      });
      await withTenant(api.database.app, organization.orgId, (trx) =>
        trx('delivery_attempts').insert([
          attempt(2, { status_code: 503, response_excerpt: 'busy', replay: true }),
          attempt(1, { error_code: 'timeout' }),
        ]),
      );
      const { status, body } = await caller.get<WireDeliveryDetail>(`${path}/${delivery!.id}`);
      expect(status).to.equal(200);
      const { attempt_log: log, ...rest } = body;
      expect(rest).to.deep.equal(delivery);
      const started = '2026-11-02T09:30:00.000Z';
      expect(log).to.deep.equal([
        { number: 1, started_at: started, duration_ms: 7, status_code: null, error_code: 'timeout', response_excerpt: null, replay: false },
        { number: 2, started_at: started, duration_ms: 14, status_code: 503, error_code: null, response_excerpt: 'busy', replay: true },
      ]);
    });

    it('400: an id of something else names its place', async () => {
      const { caller, webhook, path } = await endpoint();
      const { status, body } = await caller.get(`${path}/${webhook.id}`);
      expect([status, body.errors?.[0]?.location]).to.deep.equal([400, 'path.delivery_id']);
    });

    it('404: a delivery of another organization, under its endpoint and under the own one, is as absent as one that never was', async () => {
      const [own, foreign] = [await endpoint(), await endpoint()];
      await publish(foreign.caller, 'lead.created');
      const [delivery] = (await foreign.caller.get<Page>(foreign.path)).body.data;
      const answers = [
        await own.caller.get(`${foreign.path}/${delivery!.id}`),
        await own.caller.get(`${own.path}/${delivery!.id}`),
        await own.caller.get(`${own.path}/${typeId('dlv', newId())}`),
      ];
      for (const { status, body } of answers) {
        expect(status).to.equal(404);
        expect({ ...body, request_id: '' }).to.deep.equal({ ...answers[0]!.body, request_id: '' });
      }
    });

    it('401 and 403: needs credentials that hold webhook.read', async () => {
      const { organization, path } = await endpoint();
      const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.write'] });
      const at = `${path}/${typeId('dlv', newId())}`;
      expect((await api.as(null).get(at)).status).to.equal(401);
      expect((await api.as(key).get(at)).status).to.equal(403);
    });
  });
});
