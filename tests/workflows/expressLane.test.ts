import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import { workflowId } from '../../workflows/deliveryBatch/contract.ts';
import { useDatabase } from '../support/database.ts';
import { moveToExpress, ownWorkflow, wakePromised } from '../support/expressLane.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface Attempt {
  endpoint_id: string;
  status_code: number | null;
  error_code: string | null;
  duration_ms: number;
}

describe('the express lane: one endpoint of many', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  beforeEach(async () => {
    [tenant, receiver] = await Promise.all([TestTenant.create(database), startReceiver()]);
  });
  afterEach(() => receiver.close());

  const endpoint = async (id: string) =>
    (await tenant.rows<{ lane: string; consecutive_failures: number }>('webhook_endpoints', { id }))[0];
  const attempts = (id: string) => tenant.rows<Attempt>('delivery_attempts', { endpoint_id: id }, 'number');
  const wake = () => wakePromised(worker.deps.temporal, tenant);
  const own = (id: string) => ownWorkflow(worker.deps.temporal, tenant, id);
  const batchOf = (id: string) => worker.deps.temporal.workflow.getHandle(workflowId({ shard: shardOf(id) }));

  /** Endpoints of one shard, so that they share a run: the first at `/odd`. */
  async function neighbours(count: number): Promise<string[]> {
    const odd = await tenant.webhook({ url: `${receiver.url}/odd`, maxInFlight: 3, retryScheduleSeconds: [1] });
    const ids = [odd.id];
    while (ids.length < count) {
      const { id } = await tenant.webhook({ url: `${receiver.url}/even/${ids.length}` });
      if (shardOf(id) === shardOf(odd.id)) ids.push(id);
      else await tenant.update('webhook_endpoints', { id }, () => ({ status: 'disabled' }));
    }
    await moveToExpress(tenant, ids);
    return ids;
  }

  it('that is slow goes to its own workflow before it answers, is not cut off, keeps its cap, and nobody waits for it', async () => {
    const [odd = '', ...even] = await neighbours(5);
    const answers: (() => void)[] = [];
    receiver.behave(({ path }) => (path === '/odd' ? (response) => void answers.push(() => response.writeHead(200).end()) : 200));
    await tenant.publish({}, {}, {}, {}, {}, {});
    await wake();
    while ((await endpoint(odd))?.lane === 'express') await sleep(25);
    while (
      (await own(odd)
        .describe()
        .catch(() => null)) === null
    )
      await sleep(25);
    await receiver.waitFor(6 * even.length + 3);
    await sleep(500);
    expect(receiver.received.filter(({ path }) => path !== '/odd')).to.have.length(6 * even.length);
    expect(answers, 'its cap of three holds over both lanes').to.have.length(3);
    expect(await attempts(odd)).to.have.length(0);
    while ((await attempts(odd)).length < 6) {
      for (const answer of answers.splice(0)) answer();
      await sleep(25);
    }
    expect((await attempts(odd)).map(({ status_code: status }) => status)).to.deep.equal([200, 200, 200, 200, 200, 200]);
    expect(receiver.received.filter(({ path }) => path === '/odd')).to.have.length(6);
    for (const id of even) expect((await endpoint(id))?.lane).to.equal('express');
    await own(odd).result();
  });

  it('that fails is retried and judged by its own workflow, and nobody else is touched', async () => {
    const [odd = '', ...even] = await neighbours(5);
    receiver.behave(({ path }, nth) => (path === '/odd' && nth === 1 ? 500 : 200));
    await tenant.publish({});
    await wake();
    await receiver.waitFor(2, { path: '/odd' });
    await own(odd).result();
    expect((await attempts(odd)).map(({ status_code: status, error_code: code }) => [status, code])).to.deep.equal([
      [500, 'http_status'],
      [200, null],
    ]);
    expect(await endpoint(odd)).to.include({ lane: 'own', consecutive_failures: 0 });
    for (const id of even) {
      expect(await attempts(id)).to.have.length(1);
      expect((await endpoint(id))?.lane).to.equal('express');
    }
  });

  it('that failed counts as failed before anything more is sent to it', async () => {
    const [odd = ''] = await neighbours(1);
    receiver.behave(() => (response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    await tenant.publish({}, {}, {}, {}, {}, {});
    await wake();
    await receiver.waitFor(3);
    await batchOf(odd).result();
    await sleep(500);
    expect(receiver.received.length, 'what was in flight').to.equal(3);
    expect(await endpoint(odd)).to.include({ lane: 'own', consecutive_failures: 3 });
    await own(odd).terminate();
  });

  it('that has much to do goes to its own workflow, and its in-flight cap holds meanwhile', async () => {
    const [odd = ''] = await neighbours(1);
    let [now, most] = [0, 0];
    receiver.behave(() => (response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(200).end();
      }, 20);
    });
    await tenant.publish(...Array.from({ length: 100 }, () => ({})));
    await wake();
    await receiver.waitFor(100);
    await own(odd).result();
    expect(most).to.be.within(1, 3);
    expect((await attempts(odd)).length).to.equal(100);
  });

  it('that is deleted gets nothing more', async () => {
    const [odd = ''] = await neighbours(1);
    await tenant.publish({});
    await tenant.update('webhook_endpoints', { id: odd }, () => ({ deleted_at: new Date() }));
    await wake();
    for (let left = 1; left > 0; await sleep(25)) left = (await tenant.rows('deliveries', { status: 'pending' })).length;
    expect(receiver.received).to.have.length(0);
  });
});
