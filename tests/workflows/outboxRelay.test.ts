import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepRelay } from '../../activities/outbox/keepRelay.ts';
import { createKnex } from '../../db/knex.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { findStalledEndpoints } from '../../services/outbox/wakes.ts';
import { workflowId } from '../../workflows/outboxRelay/contract.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

describe('outboxRelay', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  before(async () => {
    receiver = await startReceiver();
    tenant = await TestTenant.create(database);
    await startOutboxRelay(worker.deps.temporal);
  });
  after(() => receiver.close());

  it('delivers what a process promised in its transaction and died before waking anybody', async () => {
    await tenant.webhook({ url: `${receiver.url}/promised` });
    await tenant.publish({}, {});
    await receiver.waitFor(2, { path: '/promised' });
  });

  it('settles the promise: the outbox is empty afterwards', async () => {
    for (let left = -1; left !== 0; await sleep(50)) left = (await tenant.rows('outbox')).length;
  });

  it('is one for the installation, however often it is started', async () => {
    await startOutboxRelay(worker.deps.temporal);
    const running = await worker.deps.temporal.workflowService.countWorkflowExecutions({
      namespace: worker.deps.config.TEMPORAL_NAMESPACE,
      query: `WorkflowId = '${workflowId()}' AND ExecutionStatus = 'Running'`,
    });
    expect(Number(running.count)).to.equal(1);
    await recordHistory(worker.deps.temporal, workflowId(), 'outboxRelay-v1-running');
  });

  it('comes back without a restart of the worker when it was lost', async () => {
    const relay = worker.deps.temporal.workflow.getHandle(workflowId());
    const runId = async () => (await relay.describe()).runId;
    const lost = await runId();
    const stopping = new AbortController();
    await keepRelay({ ...worker.deps, stopping: stopping.signal }, 100);
    await relay.terminate();
    while ((await runId()) === lost) await sleep(50);
    stopping.abort();
    await relay.terminate();
  });

  it('wakes whom a lost workflow left behind also when nothing can be measured', async () => {
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 10_000 });
    try {
      await superuser.raw('REVOKE SELECT ON webhook_stats_progress FROM artisan_system');
      await tenant.webhook({ url: `${receiver.url}/unmeasured` });
      await tenant.publish({});
      await tenant.update('deliveries', { status: 'pending' }, (trx) => ({ next_attempt_at: trx.raw("now() - interval '1 hour'") }));
      await database.system('outbox').delete();
      await startOutboxRelay(worker.deps.temporal);
      await receiver.waitFor(1, { path: '/unmeasured' });
    } finally {
      await superuser.raw('GRANT SELECT ON webhook_stats_progress TO artisan_system');
      await superuser.destroy();
    }
    await worker.deps.temporal.workflow.getHandle(workflowId()).terminate();
  });

  it('does not look again and again at endpoints that rest', async () => {
    const [active, paused] = [await tenant.webhook({}), await tenant.webhook({})];
    await tenant.publish({});
    await tenant.update('deliveries', {}, (trx) => ({ next_attempt_at: trx.raw("now() - interval '1 hour'"), claimed_until: null }));
    await tenant.update('webhook_endpoints', { id: paused.id }, () => ({ status: 'paused' }));
    const stalled = await database.system.transaction((trx) => findStalledEndpoints(trx, { overdueMs: 60_000, limit: 10 }));
    const found = stalled.map(({ endpointId }) => endpointId);
    expect(found).to.include(active.id).and.not.to.include(paused.id);
  });
});
