import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { dumpOf } from '../../support/dump.ts';
import { useSuperuser } from '../../support/oldHistory.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireDelivery, WirePage } from '../../support/webhooks.ts';

interface WireEvent {
  id: string;
  data: Record<string, unknown> | null;
  payload_erased_at: string | null;
}

describe('events.erase_payload', () => {
  const api = useApi();
  const superuser = useSuperuser(api.database);
  let organization: TestOrganization;
  let caller: Caller;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
  });

  const publish = async (data: object, key: Record<string, string> = {}): Promise<string> =>
    (await caller.post<{ id: string }>('/events', { type: 'lead.created', data }, key)).body.id;
  const erase = (id: string) => caller.delete<WireEvent>(`/events/${id}/payload`);
  const deliveriesOf = async (webhookId: string) =>
    (await caller.get<WirePage<WireDelivery>>(`/admin/webhooks/${webhookId}/deliveries`)).body.data;

  it('200: the event stays on record without its data; what waits is cancelled with the reason', async () => {
    const webhook = await newWebhook(caller);
    const [id, other] = [await publish({ name: 'Ada' }), await publish({ name: 'Grace' })];
    const { status, body } = await erase(id);
    expect(status).to.equal(200);
    expect(body.payload_erased_at).to.be.a('string');
    expect((await caller.get<WireEvent>(`/events/${id}`)).body).to.include({ data: null, payload_erased_at: body.payload_erased_at });
    const listed = (await caller.get<WirePage<WireEvent>>('/events')).body.data;
    expect(listed.map((event) => [event.id, event.payload_erased_at])).to.deep.equal([
      [other, null],
      [id, body.payload_erased_at],
    ]);
    const [kept, cancelled] = await deliveriesOf(webhook.id);
    expect(cancelled).to.include({ event_id: id, status: 'cancelled', last_error_code: 'payload_erased', next_attempt_at: null });
    expect(kept).to.include({ event_id: other, status: 'pending' });
  });

  it('200: nothing of it is left in any table of the database, stored answers of Idempotency-Keys and attempts included', async () => {
    const secret = `subject-${newId()}`;
    const webhook = await newWebhook(caller);
    const id = await publish({ nested: { [secret]: [secret] } }, { 'idempotency-key': 'publish-1' });
    const [delivery] = await deliveriesOf(webhook.id);
    const attempt = { org_id: organization.orgId, id: newId(), delivery_id: uuidOf('dlv', delivery!.id), event_id: uuidOf('evt', id) };
    const exchange = { endpoint_id: uuidOf('whk', webhook.id), number: 1, started_at: new Date(), duration_ms: 3, status_code: 500 };
    await superuser.knex('delivery_attempts').insert({ ...attempt, ...exchange, response_excerpt: `cannot take ${secret}` });
    expect(await dumpOf(superuser.knex)).to.contain(secret);
    await erase(id);
    expect(await dumpOf(superuser.knex)).not.to.contain(secret);
    const [kept] = await rowsOf<Record<string, unknown>>(api.database, organization.orgId, 'delivery_attempts');
    expect(kept).to.include({ number: 1, status_code: 500, response_excerpt: null });
  });

  it('200: a repeat erases what a receiver answered since', async () => {
    const webhook = await newWebhook(caller);
    const id = await publish({});
    const [delivery] = await deliveriesOf(webhook.id);
    await erase(id);
    const ids = {
      id: newId(),
      delivery_id: uuidOf('dlv', delivery!.id),
      event_id: uuidOf('evt', id),
      endpoint_id: uuidOf('whk', webhook.id),
    };
    const exchange = { number: 1, started_at: new Date(), duration_ms: 3, status_code: 500, response_excerpt: 'lead 1 is wrong' };
    await superuser.knex('delivery_attempts').insert({ org_id: organization.orgId, ...ids, ...exchange });
    expect((await erase(id)).status).to.equal(200);
    const [kept] = await rowsOf<Record<string, unknown>>(api.database, organization.orgId, 'delivery_attempts');
    expect(kept).to.include({ status_code: 500, response_excerpt: null });
  });

  it('200: a repeat changes nothing else, and the audit log names the event once', async () => {
    const id = await publish({});
    const first = await erase(id);
    expect((await erase(id)).body).to.deep.equal(first.body);
    const entries = await auditEntries(api.database, organization.orgId, 'events.erase_payload');
    expect(entries.map(({ target_id: target }) => target)).to.deep.equal([id]);
  });

  it('a delivery of it cannot be sent again: 409 payload_erased; by filter it is left out', async () => {
    const webhook = await newWebhook(caller);
    const id = await publish({});
    await erase(id);
    const [delivery] = await deliveriesOf(webhook.id);
    const replay = await caller.post(`/admin/webhooks/${webhook.id}/replay/${delivery!.id}`);
    expect([replay.status, replay.body.code]).to.deep.equal([409, 'payload_erased']);
    const filter = { statuses: ['cancelled', 'dead', 'delivered'], dry_run: true };
    expect((await caller.post<{ matching: number }>(`/admin/webhooks/${webhook.id}/replay`, filter)).body.matching).to.equal(0);
  });

  it('400: an id that is none', async () => {
    const { status, body } = await erase('evt_1');
    expect([status, body]).to.deep.include(400);
  });

  it('401 and 403: needs privacy.request', async () => {
    const id = await publish({ name: 'Ada' });
    const { key } = await createApiKey(api.database, organization, { scopes: ['event.publish', 'event.read', 'privacy.read'] });
    expect((await api.as(null).delete(`/events/${id}/payload`)).status).to.equal(401);
    expect((await api.as(key).delete(`/events/${id}/payload`)).status).to.equal(403);
    expect((await caller.get<WireEvent>(`/events/${id}`)).body.data).to.deep.equal({ name: 'Ada' });
  });

  it('404: an event of another organization, or of another workspace than the request acts in, is one that never existed', async () => {
    const id = await publish({ name: 'Ada' });
    const stranger = await createOrganization(api.database);
    const there = { 'x-workspace': typeId('wsp', organization.workspaceId) };
    const never = await caller.delete(`/events/${typeId('evt', newId())}/payload`);
    const path = `/events/${id}/payload`;
    for (const { status, body } of [await api.as(stranger.key).delete(path), await caller.delete(path, there)]) {
      expect([status, { ...body, request_id: '' }]).to.deep.equal([404, { ...never.body, request_id: '' }]);
    }
    expect((await caller.get<WireEvent>(`/events/${id}`)).body.data).to.deep.equal({ name: 'Ada' });
  });

  it('429: counts against the key’s limit like every request', async () => {
    const { key } = await createApiKey(api.database, organization, { rateLimitPerHour: 1 });
    const id = await publish({});
    expect((await api.as(key).delete(`/events/${id}/payload`)).status).to.equal(200);
    expect((await api.as(key).delete(`/events/${id}/payload`)).status).to.equal(429);
  });
});
