import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { newWebhook } from '../../support/webhooks.ts';
import type { WireDelivery, WireDeliveryDetail } from '../../support/webhooks.ts';
import { useWorker } from '../../support/worker.ts';

describe('a replay on the wire', function () {
  this.timeout(20_000);
  const api = useApi();
  useWorker(api.database);
  let receiver: Receiver;
  let caller: Caller;
  before(async () => {
    receiver = await startReceiver();
    caller = api.as((await createOrganization(api.database)).key);
  });
  after(() => receiver.close());

  const finished = async (webhookId: string, deliveryId: string, attempts: number): Promise<WireDeliveryDetail> => {
    for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt; await sleep(20)) {
      const { body } = await caller.get<WireDeliveryDetail>(`/admin/webhooks/${webhookId}/deliveries/${deliveryId}`);
      if (body.attempts === attempts && body.next_attempt_at === null) return body;
    }
    throw new Error('not finished within 10 s');
  };

  it('has the same webhook-id, says that it is one, is signed anew, and its attempts go on counting', async () => {
    receiver.behave((_request, nth) => (nth === 1 ? 500 : 200));
    const { id: webhookId, secret } = await newWebhook(caller, { url: `${receiver.url}/replay`, max_retries: 0 });
    const { id, event_id: eventId } = (await caller.post<WireDelivery>(`/admin/webhooks/${webhookId}/test`)).body;
    expect(await finished(webhookId, id, 1)).to.include({ status: 'dead' });
    expect((await caller.post(`/admin/webhooks/${webhookId}/replay/${id}`)).status).to.equal(202);
    const detail = await finished(webhookId, id, 2);
    expect(detail.status).to.equal('delivered');
    expect(detail.attempt_log.map(({ number, replay, status_code: code }) => [number, replay, code])).to.deep.equal([
      [1, false, 500],
      [2, true, 200],
    ]);
    const [first, second] = await receiver.waitFor(2, { path: '/replay' });
    expect(first!.headers).to.include({ 'webhook-id': eventId }).and.not.to.have.property('webhook-replay');
    expect(second!.headers).to.include({ 'webhook-id': eventId, 'webhook-replay': '1' });
    expect(second!.body).to.equal(first!.body);
    expect(new Webhook(secret!).verify(second!.body, second!.headers)).to.have.property('type', 'webhook.test');
  });

  it('requeued dead letters of many are sent', async () => {
    receiver.behave((_request, nth) => (nth <= 3 ? 500 : 200));
    const { id: webhookId } = await newWebhook(caller, { url: `${receiver.url}/requeue`, max_retries: 0 });
    const tests = [1, 2, 3].map(() => caller.post<WireDelivery>(`/admin/webhooks/${webhookId}/test`));
    const ids = (await Promise.all(tests)).map(({ body }) => body.id);
    for (const id of ids) await finished(webhookId, id, 1);
    const answer = await caller.post('/admin/dead-letters/requeue', { webhook_id: webhookId });
    expect([answer.status, answer.body]).to.deep.equal([200, { requeued: 3, remaining: 0 }]);
    for (const id of ids) expect(await finished(webhookId, id, 2)).to.include({ status: 'delivered' });
  });
});
