import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
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
    await worker.deps.temporal.workflow.getHandle(workflowId()).terminate();
  });
});
