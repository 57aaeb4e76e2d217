import { expect } from 'chai';
import { SHARDS, shardOf } from '../../services/webhooks/express/lane.ts';
import { wakeExpress } from '../../services/webhooks/lifecycle.ts';
import { workflowId } from '../../workflows/deliveryBatch/contract.ts';
import { useDatabase } from '../support/database.ts';
import { moveToExpress, ownWorkflow, wakePromised } from '../support/expressLane.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const FAST_ONES = 20;

describe('deliveryBatch: who is served by the express lane', function () {
  this.timeout(120_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  beforeEach(async () => {
    [tenant, receiver] = await Promise.all([TestTenant.create(database), startReceiver()]);
  });
  afterEach(() => receiver.close());

  const lane = async (id: string) => (await tenant.rows<{ lane: string }>('webhook_endpoints', { id }))[0]?.lane;
  const wake = (...tenants: TestTenant[]) => wakePromised(worker.deps.temporal, ...tenants);
  const batch = (shard: number) => worker.deps.temporal.workflow.getHandle(workflowId({ shard }));

  /** Publishes so many events to the endpoint's own workflow and waits until it rests. */
  async function serve(id: string, events: number): Promise<void> {
    await tenant.publish(...Array.from({ length: events }, () => ({})));
    await wake(tenant);
    await ownWorkflow(worker.deps.temporal, tenant, id).result();
  }

  it('an endpoint after twenty fast deliveries, and not after nineteen', async () => {
    const { id } = await tenant.webhook({ url: receiver.url });
    await serve(id, FAST_ONES - 1);
    expect(await lane(id)).to.equal('own');
    await serve(id, 1);
    expect(await lane(id)).to.equal('express');
  });

  it('none that must keep an order or a pace, and none of whose last twenty one failed or took a second', async () => {
    receiver.behave(({ path }, nth) => {
      if (nth === 5 && path === '/failed') return 500;
      if (nth === 5 && path === '/slow') return (response) => void setTimeout(() => response.writeHead(200).end(), 1_050);
      return 200;
    });
    const settings = [
      { url: `${receiver.url}/ordered`, ordered: true },
      { url: `${receiver.url}/paced`, rateLimitPerSecond: 1_000 },
      { url: `${receiver.url}/failed`, retryScheduleSeconds: [1] },
      { url: `${receiver.url}/slow` },
    ];
    const made = await Promise.all(settings.map((one) => tenant.webhook(one)));
    await tenant.publish(...Array.from({ length: FAST_ONES }, () => ({})));
    await wake(tenant);
    for (const { id } of made) {
      await ownWorkflow(worker.deps.temporal, tenant, id).result();
      expect(await lane(id)).to.equal('own');
    }
  });

  it('200 sparse endpoints of four organizations, by the four shared workflows and none of their own', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => TestTenant.create(database)));
    const secrets = new Map<string, string>();
    for (const each of tenants) {
      const made: Awaited<ReturnType<TestTenant['webhook']>>[] = [];
      for (let n = 0; n < 50; n += 1) made.push(await each.webhook({ url: `${receiver.url}/${each.orgId}/${n}` }));
      await moveToExpress(
        each,
        made.map(({ id }) => id),
      );
      for (const { id, secret } of made) secrets.set(id, secret);
    }
    const [ownBefore, sharedBefore] = [await started('endpointDelivery'), await started('deliveryBatch')];
    for (const [n, each] of tenants.entries()) {
      await each.publish({ data: { email: 'ada@example.com' } });
      await wake(each);
      await receiver.waitFor(50 * (n + 1), { timeoutMs: 30_000 });
    }
    const shards = Array.from({ length: SHARDS }, (_none, shard) => shard);
    await Promise.all(shards.map((shard) => batch(shard).result()));
    expect(new Set(receiver.received.map(({ path }) => path)).size).to.equal(200);
    // A workflow that came to rest between two organizations was started once more.
    expect((await started('deliveryBatch')) - sharedBefore).to.be.within(SHARDS, SHARDS * tenants.length);
    expect(await started('endpointDelivery')).to.equal(ownBefore);
    for (const each of tenants)
      for (const row of await each.rows<{ status: string; attempts: number }>('deliveries'))
        expect(row).to.include({ status: 'delivered', attempts: 1 });
    // The claims kept the promises of wake-ups: nobody else has to, event by event.
    for (const each of tenants) expect(await each.rows('outbox')).to.deep.equal([]);
    await recordHistory(worker.deps.temporal, workflowId({ shard: 0 }), 'deliveryBatch-v1-two-hundred');
    const history = JSON.stringify(await batch(0).fetchHistory(), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    for (const hidden of ['ada@example.com', receiver.url, 'org_', 'whk_', ...secrets.values()]) expect(history).not.to.include(hidden);
  });

  it('an endpoint also when its own workflow is woken by mistake, which passes it on', async () => {
    const { id } = await tenant.webhook({ url: receiver.url });
    await moveToExpress(tenant, [id]);
    await tenant.publish({});
    tenant.wakes.splice(0, tenant.wakes.length, { orgId: tenant.orgId, endpointId: id, outboxIds: [] });
    await wake(tenant);
    await ownWorkflow(worker.deps.temporal, tenant, id).result();
    await receiver.waitFor(1);
    await batch(shardOf(id)).result();
    expect(await lane(id)).to.equal('express');
    expect((await tenant.rows<{ status: string }>('deliveries'))[0]).to.include({ status: 'delivered' });
    expect(receiver.received).to.have.length(1);
  });

  it('none that is not in it, though it was told to: its own workflow is woken', async () => {
    const { id } = await tenant.webhook({ url: receiver.url });
    await moveToExpress(tenant, [id]);
    await tenant.publish({});
    await tenant.update('webhook_endpoints', { id }, () => ({ ordered: true }));
    await wake(tenant);
    await receiver.waitFor(1);
    await ownWorkflow(worker.deps.temporal, tenant, id).result();
    expect(await lane(id)).to.equal('own');
  });

  it('no paused endpoint, whose deliveries are kept, and one that is resumed', async () => {
    const { id } = await tenant.webhook({ url: receiver.url });
    await moveToExpress(tenant, [id]);
    await tenant.update('webhook_endpoints', { id }, () => ({ status: 'paused' }));
    await tenant.publish({});
    await wake(tenant);
    await batch(shardOf(id)).result();
    expect(receiver.received).to.have.length(0);
    expect((await tenant.rows<{ status: string }>('deliveries'))[0]).to.include({ status: 'pending' });
    await tenant.update('webhook_endpoints', { id }, () => ({ status: 'active' }));
    await wakeExpress(worker.deps.temporal, shardOf(id));
    await receiver.waitFor(1);
    await batch(shardOf(id)).result();
  });

  it('what a killed worker had claimed, when its lease is over', async () => {
    const { id } = await tenant.webhook({ url: receiver.url });
    await moveToExpress(tenant, [id]);
    await tenant.publish({});
    await tenant.update('deliveries', { endpoint_id: id }, (trx) => ({
      status: 'in_flight',
      claim_id: id,
      claimed_until: trx.raw("now() + interval '1 second'"),
    }));
    await wake(tenant);
    await receiver.waitFor(1);
    await batch(shardOf(id)).result();
    const attempts = await tenant.rows<{ number: number; error_code: string | null }>('delivery_attempts', {}, 'number');
    expect(attempts.map(({ number, error_code: code }) => [number, code])).to.deep.equal([
      [1, 'worker_lost'],
      [2, null],
    ]);
  });

  async function started(type: string): Promise<number> {
    const { count } = await worker.deps.temporal.workflowService.countWorkflowExecutions({
      namespace: worker.deps.config.TEMPORAL_NAMESPACE,
      query: `WorkflowType = '${type}'`,
    });
    return Number(count);
  }
});
