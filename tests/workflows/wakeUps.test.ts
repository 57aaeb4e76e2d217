import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../db/tenancy.ts';
import { createLogger } from '../../server/logger.ts';
import { typeId } from '../../server/ids.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { enqueueWake, settleWakes, stillPromised } from '../../services/outbox/wakes.ts';
import { wakeEndpoint, wakeExpress } from '../../services/webhooks/lifecycle.ts';
import { notifyWakes } from '../../services/webhooks/notifyWakes.ts';
import { EndpointWaker, signalEveryMs } from '../../services/webhooks/waker.ts';
import { workflowId } from '../../workflows/endpointDelivery/contract.ts';
import { useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const LINGER_SECONDS = 5;

describe('wake-ups of an endpoint', function () {
  this.timeout(40_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: String(LINGER_SECONDS) });
  let tenant: TestTenant;
  let receiver: Receiver;
  let waker: EndpointWaker;
  before(async () => {
    tenant = await TestTenant.create(database);
    receiver = await startReceiver();
    waker = newWaker();
  });
  after(async () => {
    await waker.close();
    await receiver.close();
  });

  const newWaker = (): EndpointWaker =>
    new EndpointWaker({
      logger: createLogger('silent', 'api'),
      signalEveryMs: signalEveryMs(LINGER_SECONDS),
      notify: (payload) => notifyWakes(database.app, payload),
      signal: (ref) => wakeEndpoint(worker.deps.temporal, ref),
      signalExpress: (shard) => wakeExpress(worker.deps.temporal, shard),
      settle: (orgId, ids) => withTenant(database.app, orgId, (trx) => settleWakes(trx, orgId, ids)),
      stillPromised: (orgId, ids) => withTenant(database.app, orgId, (trx) => stillPromised(trx, orgId, ids)),
    });
  const signals = async (endpointId: string): Promise<number> => {
    const ids = { orgId: typeId('org', tenant.orgId), endpointId: typeId('whk', endpointId) };
    const { events } = await worker.deps.temporal.workflow.getHandle(workflowId(ids)).fetchHistory();
    return events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length ?? 0;
  };
  const promised = (endpointId: string): Promise<string[]> =>
    tenant.rows<{ id: string }>('outbox', { subject_id: endpointId }).then((rows) => rows.map(({ id }) => id));

  /** Publishes an event every 260 ms, and wakes who is promised to be woken. Resolves to how many. */
  async function publishFor(seconds: number): Promise<number> {
    const until = Date.now() + seconds * 1_000;
    let published = 0;
    for (; Date.now() < until; published += 1) {
      await Promise.all([tenant.publish({ data: { n: published } }), sleep(260)]);
      waker.wake(tenant.wakes.splice(0));
    }
    return published;
  }
  const lane = async (id: string) => (await tenant.rows<{ lane: string }>('webhook_endpoints', { id }))[0]?.lane;
  const arrived = (path: string): number => receiver.received.filter((one) => one.path === path).length;
  const noPromiseLeft = (id: string): Promise<unknown> =>
    waitUntil('no promise is left', async () => ((await promised(id)).length === 0 ? true : null), { timeoutMs: 10_000 });

  it('cost no signal while an activity serves it, be it with claims or with requests that hang; one with little to do goes to the express lane', async () => {
    const [steady, hanging] = await Promise.all([
      tenant.webhook({ url: `${receiver.url}/steady` }),
      tenant.webhook({ url: `${receiver.url}/hanging`, maxInFlight: 1, timeoutSeconds: 30 }),
    ]);
    const answers: (() => void)[] = [];
    receiver.behave(({ path }) => (path === '/hanging' ? (response) => void answers.push(() => response.writeHead(200).end()) : 200));
    let published = await publishFor(9);
    await waitUntil('all deliveries', () => (arrived('/steady') === published ? true : null), { timeoutMs: 10_000 });
    await Promise.all([noPromiseLeft(steady.id), noPromiseLeft(hanging.id)]);
    // The first wakes the workflow. Without settling there are five; one more may find a promise that is being served.
    expect(await signals(steady.id)).to.be.within(1, 3);
    expect(await signals(hanging.id)).to.be.within(1, 3);
    expect(arrived('/hanging')).to.equal(1);
    // Twenty in a row have to come at five a second or less: what waited for a busy machine came faster, and the next twenty are looked at.
    for (const giveUpAt = Date.now() + 15_000; (await lane(steady.id)) !== 'express' && Date.now() < giveUpAt;)
      published += await publishFor(1);
    expect([await lane(steady.id), await lane(hanging.id)]).to.deep.equal(['express', 'own']);
    receiver.behave(() => 200);
    for (const answer of answers) answer();
    await waitUntil('the rest', () => (arrived('/hanging') === published ? true : null), { timeoutMs: 10_000 });
  });

  it('are signals where nobody serves it, and none is forgotten', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/paused` });
    await withTenant(database.app, tenant.orgId, (trx) => trx('webhook_endpoints').where({ id: webhook.id }).update({ status: 'paused' }));
    for (let round = 0; round < 2; round += 1) {
      waker.wake(await withTenant(database.app, tenant.orgId, (trx) => enqueueWake(trx, tenant.orgId, [webhook.id])));
      await waitUntil('the promise is kept', async () => ((await promised(webhook.id)).length === 0 ? true : null), { timeoutMs: 10_000 });
    }
  });
});
