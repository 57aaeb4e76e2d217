import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireDelivery, WireDeliveryDetail, WireWebhook } from '../../support/webhooks.ts';
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
    expect(request!.headers).to.include({ 'webhook-id': body.event_id, 'x-token': 'abc' });
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

  it('a repeat with the same Idempotency-Key sends no second one', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller);
    const send = () => caller.post<WireDelivery>(`/admin/webhooks/${id}/test`, undefined, { 'idempotency-key': 'test-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).to.deep.equal([202, 202]);
    expect(second.text).to.equal(first.text);
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

  async function delivered(caller: ReturnType<typeof api.as>, webhookId: string, deliveryId: string): Promise<WireDeliveryDetail> {
    for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt; await sleep(20)) {
      const { body } = await caller.get<WireDeliveryDetail>(`/admin/webhooks/${webhookId}/deliveries/${deliveryId}`);
      if (body.status === 'delivered') return body;
    }
    throw new Error('not delivered within 10 s');
  }
});
