import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import { notifyWakes } from '../../services/webhooks/notifyWakes.ts';
import { wakeEntry } from '../../services/webhooks/waker.ts';
import { workflowId } from '../../workflows/deliveryBatch/contract.ts';
import { useDatabase } from '../support/database.ts';
import { moveToExpress, ownWorkflow, wakePromised } from '../support/expressLane.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

/** Slow enough for a rate of less than five a second. */
const ANSWER_MS = 215;
/** Twenty prove it fast; one that a busy machine makes slow before them is followed by as many. */
const EVENTS = 45;

describe('the express lane: an endpoint that always has a backlog', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '1' });
  let tenant: TestTenant;
  let receiver: Receiver;
  let busy: string;
  let mostAtOnce: number;
  const unanswered: (() => void)[] = [];

  const lane = async (id: string) => (await tenant.rows<{ lane: string }>('webhook_endpoints', { id }))[0]?.lane;
  const unfinished = async (id: string) =>
    (await tenant.rows<{ next_attempt_at: Date | null }>('deliveries', { endpoint_id: id })).filter((row) => row.next_attempt_at !== null)
      .length;
  /** As the API process does: a live run hears of it by NOTIFY, and a workflow that rests by a signal. */
  const wake = async () => {
    await notifyWakes(database.app, tenant.wakes.map(wakeEntry).join(','));
    await wakePromised(worker.deps.temporal, tenant);
  };
  const comes = (id: string, to: string) =>
    waitUntil(`lane ${to}`, async () => ((await lane(id)) === to ? true : null), { timeoutMs: 20_000 });
  const own = () => ownWorkflow(worker.deps.temporal, tenant, busy);

  /** Everything arrived once, with the first attempt, and nothing is left. */
  async function expectAllOnce(events: number): Promise<void> {
    await waitUntil('all are delivered', async () => ((await unfinished(busy)) === 0 ? true : null), { timeoutMs: 20_000 });
    const ids = receiver.received.filter(({ path }) => path === '/busy').map(({ headers }) => headers['webhook-id']);
    expect(ids).to.have.length(events);
    expect(new Set(ids).size).to.equal(events);
    for (const row of await tenant.rows<{ status: string; attempts: number }>('deliveries', { endpoint_id: busy }))
      expect(row).to.include({ status: 'delivered', attempts: 1 });
    expect(mostAtOnce, 'its cap holds over both lanes').to.be.at.most(2);
  }

  function answerSlowly(): void {
    let now = 0;
    receiver.behave(() => (response) => {
      mostAtOnce = Math.max(mostAtOnce, (now += 1));
      setTimeout(() => {
        now -= 1;
        response.writeHead(200).end();
      }, ANSWER_MS * 2);
    });
  }

  beforeEach(async () => {
    [tenant, receiver, mostAtOnce] = [await TestTenant.create(database), await startReceiver(), 0];
    busy = (await tenant.webhook({ url: `${receiver.url}/busy`, maxInFlight: 2, timeoutSeconds: 30, channels: ['busy'] })).id;
    answerSlowly();
  });
  afterEach(() => receiver.close());

  it('comes to it with what waits, loses nothing, repeats nothing and keeps its cap', async () => {
    await tenant.publish(...Array.from({ length: EVENTS }, () => ({ channels: ['busy'] })));
    await wake();
    await comes(busy, 'express');
    expect(await unfinished(busy), 'it came with a backlog').to.be.within(1, EVENTS - 20);
    await own().result();
    await expectAllOnce(EVENTS);
    expect(await lane(busy)).to.equal('express');
    await worker.deps.temporal.workflow.getHandle(workflowId({ shard: shardOf(busy) })).result();
  });

  it('leaves it when it begins to hang, with what waits; its neighbours are served meanwhile, and nothing is lost', async () => {
    const [odd, neighbour] = [busy, await neighbourOf(busy)];
    await moveToExpress(tenant, [odd, neighbour]);
    receiver.behave(({ path }) => (path === '/busy' ? (response) => void unanswered.push(() => response.writeHead(200).end()) : 200));
    await tenant.publish(...Array.from({ length: 10 }, () => ({ channels: ['busy'] })));
    await wake();
    await receiver.waitFor(2, { path: '/busy' });
    const hungAt = Date.now();
    const left = comes(odd, 'own').then(() => Date.now());
    for (let n = 1; n <= 20; n += 1) {
      await tenant.publish({ channels: ['neighbour'] });
      await wake();
      await receiver.waitFor(n, { path: '/neighbour' });
      await sleep(50);
    }
    expect((await left) - hungAt, 'it left after a second').to.be.lessThan(4_000);
    expect(await lane(neighbour)).to.equal('express');
    expect(receiver.received.filter(({ path }) => path === '/busy')).to.have.length(2);
    answerSlowly();
    for (const answer of unanswered.splice(0)) answer();
    await expectAllOnce(10);
    await own().result();
  });

  /** Another endpoint that the same workflow serves. */
  async function neighbourOf(id: string): Promise<string> {
    for (;;) {
      const one = await tenant.webhook({ url: `${receiver.url}/neighbour`, channels: ['neighbour'] });
      if (shardOf(one.id) === shardOf(id)) return one.id;
      await tenant.update('webhook_endpoints', { id: one.id }, () => ({ status: 'disabled' }));
    }
  }
});
