import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { withTenant } from '../../../db/tenancy.ts';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireDelivery, WireDeliveryDetail, WirePage, WireTest, WireWebhook } from '../../support/webhooks.ts';
import { useWorker } from '../../support/worker.ts';

describe('webhooks.test', () => {
  const api = useApi();
  useWorker(api.database);
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.close());

  it('202: a signed webhook.test reaches this endpoint alone, whatever it subscribes to, and its delivery shows the attempt', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const target = await newWebhook(caller, { url: `${receiver.url}/target`, events: ['meeting.*'], headers: { 'X-Token': 'abc' } });
    await newWebhook(caller, { url: `${receiver.url}/other`, events: ['*', 'webhook.*'] });
    const { status, body } = await caller.post<WireDelivery>(`/admin/webhooks/${target.id}/test`);
    expect(status).to.equal(202);
    expect(body).to.include({ event_type: 'webhook.test', webhook_id: target.id, status: 'pending', attempts: 0 });

    const [request] = await receiver.waitFor(1, { path: '/target' });
    expect(request!.headers).to.include({ 'webhook-id': body.event_id, 'webhook-test': '1', 'x-token': 'abc' });
    const posted = new Webhook(target.secret!).verify(request!.body, request!.headers) as { type: string; data: { webhook_id: string } };
    expect(posted).to.deep.include({ type: 'webhook.test' });
    expect(posted.data.webhook_id).to.equal(target.id);

    const detail = await delivered(caller, target.id, body.id);
    expect(detail).to.include({ attempts: 1, last_status_code: 200, next_attempt_at: null });
    expect(detail.attempt_log).to.have.length(1);
    expect(detail.attempt_log[0]).to.include({
      number: 1,
      status_code: 200,
      error_code: null,
      response_excerpt: 'status 200',
      replay: false,
    });
    expect((await caller.get<WireWebhook>(`/admin/webhooks/${target.id}`)).body.stats).to.deep.equal({
      delivered: 1,
      failed: 0,
      success_rate: 1,
    });
    expect(receiver.received.map(({ path }) => path)).to.deep.equal(['/target']);
  });

  it('202: an example of the type that is asked for arrives as shown in the answer, and is on record as a test, not as a lead', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const target = await newWebhook(caller, { url: `${receiver.url}/example`, events: ['meeting.*'], filter: { 'data.never': 1 } });
    await newWebhook(caller, { url: `${receiver.url}/subscribed`, events: ['lead.created'] });
    const { status, body } = await caller.post<WireTest>(`/admin/webhooks/${target.id}/test`, { event_type: 'lead.created' });
    expect([status, body.event_type, body.payload?.type]).to.deep.equal([202, 'webhook.test', 'lead.created']);
    const [request] = await receiver.waitFor(1, { path: '/example' });
    expect(request!.headers).to.include({ 'webhook-test': '1' });
    expect(new Webhook(target.secret!).verify(request!.body, request!.headers)).to.deep.equal(body.payload);
    await delivered(caller, target.id, body.id);
    expect((await caller.get<WirePage<object>>('/events?type=lead.created')).body.data).to.deep.equal([]);
    expect(receiver.received.filter(({ path }) => path === '/subscribed')).to.deep.equal([]);
  });

  it("202: for an own type the data satisfies its newest schema, and the schema's own example comes first", async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const { id } = await newWebhook(caller);
    const send = async (): Promise<unknown> => {
      const { body } = await caller.post<WireTest>(`/admin/webhooks/${id}/test`, { event_type: 'invoice.paid' });
      return body.payload?.data;
    };
    await newType(caller, { name: 'invoice.paid' });
    expect(await send()).to.be.an('object');
    const amount = { type: 'integer', minimum: 3, maximum: 3 };
    const schema = { type: 'object', required: ['amount'], properties: { amount }, additionalProperties: false };
    await newType(caller, { name: 'invoice.paid', schema });
    expect(await send()).to.deep.equal({ amount: 3 });
    const said = { type: 'object', properties: { amount: { type: 'integer' } }, examples: [{ amount: 'x' }, { amount: 12_345 }] };
    await newType(caller, { name: 'invoice.paid', schema: said });
    expect(await send()).to.deep.equal({ amount: 12_345 });
  });

  it("422: a type that is not known, or is another organization's, and a schema for which no example can be made; nothing is sent", async () => {
    const [organization, stranger] = [await createOrganization(api.database), await createOrganization(api.database)];
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    await newType(api.as(stranger.key), { name: 'theirs.type' });
    const properties = { code: { type: 'string', pattern: '^(?=.*xyz)[a-z]{30}$' } };
    await newType(caller, { name: 'hard.type', schema: { type: 'object', required: ['code'], properties } });
    const send = async (eventType: string) => {
      const { status, body } = await caller.post(`/admin/webhooks/${id}/test`, { event_type: eventType });
      return [status, body.code, body.errors?.[0]?.location];
    };
    expect(await send('lead.creatd')).to.deep.equal([422, 'unknown_event_type', 'body.event_type']);
    expect(await send('theirs.type')).to.deep.equal([422, 'unknown_event_type', 'body.event_type']);
    expect(await send('hard.type')).to.deep.equal([422, 'example_unavailable', 'body.event_type']);
    expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.deep.equal([]);
  });

  it('409: a disabled endpoint gets no test, of whatever type: it would wait for ever', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    await newType(caller, { name: 'invoice.paid' });
    await withTenant(api.database.app, organization.orgId, (trx) =>
      trx('webhook_endpoints')
        .update({ status: 'disabled' })
        .then(() => undefined),
    );
    for (const body of [undefined, { event_type: 'lead.created' }, { event_type: 'invoice.paid' }]) {
      const answer = await caller.post(`/admin/webhooks/${id}/test`, body);
      expect([answer.status, answer.body.code]).to.deep.equal([409, 'conflict']);
      expect(answer.body.detail).to.contain('The endpoint is disabled');
    }
    expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.deep.equal([]);
  });

  it('400: a field or a query parameter that it does not know, and a type that is no text', async () => {
    const caller = api.as((await createOrganization(api.database)).key);
    const { id } = await newWebhook(caller);
    const path = `/admin/webhooks/${id}/test`;
    for (const [url, body, location] of [
      [path, { type: 'lead.created' }, 'body.type'],
      [path, { event_type: 7 }, 'body.event_type'],
      [`${path}?event_type=lead.created`, undefined, 'query.event_type'],
    ] as const) {
      const answer = await caller.post(url, body);
      expect([answer.status, answer.body.errors?.[0]?.location]).to.deep.equal([400, location]);
    }
  });

  it('writes event, delivery, wake-up and audit entry together, or nothing when the audit append fails', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      expect((await caller.post(`/admin/webhooks/${id}/test`)).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    for (const table of ['events', 'deliveries', 'outbox'])
      expect(await rowsOf(api.database, organization.orgId, table), table).to.deep.equal([]);
    await caller.post(`/admin/webhooks/${id}/test`);
    for (const table of ['events', 'deliveries']) expect(await rowsOf(api.database, organization.orgId, table), table).to.have.length(1);
    const entries = await auditEntries(api.database, organization.orgId, 'webhooks.test');
    expect(entries.map((entry) => entry.target_id)).to.deep.equal([id]);
  });

  it('a repeat with the same Idempotency-Key sends no second one, and gets the delivery without the payload, which is kept in the event alone', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    const send = () => caller.post<WireTest>(`/admin/webhooks/${id}/test`, undefined, { 'idempotency-key': 'test-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).to.deep.equal([202, 202]);
    expect(first.body.payload).to.be.an('object');
    expect(second.body).to.deep.equal({ ...first.body, payload: null });
    expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.have.length(1);
  });

  it('401, 403, 404: needs webhook.write, and an endpoint of the own organization', async () => {
    const [organization, stranger] = [await createOrganization(api.database), await createOrganization(api.database)];
    const { id } = await newWebhook(api.as(organization.key));
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    const path = `/admin/webhooks/${id}/test`;
    expect((await api.as(null).post(path)).status).to.equal(401);
    expect((await api.as(key).post(path)).status).to.equal(403);
    const foreign = await api.as(stranger.key).post(path);
    const absent = await api.as(stranger.key).post(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}/test`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
  });

  async function newType(caller: ReturnType<typeof api.as>, body: object): Promise<void> {
    const { status, text } = await caller.post('/admin/event-types', body);
    if (status !== 201) throw new Error(`expected 201, got ${status}: ${text}`);
  }

  async function delivered(caller: ReturnType<typeof api.as>, webhookId: string, deliveryId: string): Promise<WireDeliveryDetail> {
    for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt; await sleep(20)) {
      const { body } = await caller.get<WireDeliveryDetail>(`/admin/webhooks/${webhookId}/deliveries/${deliveryId}`);
      if (body.status === 'delivered') return body;
    }
    throw new Error('not delivered within 10 s');
  }
});
