import { NativeConnection, Worker } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { installRuntime } from '../../activities/runtime.ts';
import { runWorkers } from '../../activities/runWorkers.ts';
import { loadWorkflowBundle } from '../../activities/workflowBundle.ts';
import { createLogger } from '../../server/logger.ts';
import { NAME, TASK_QUEUE as taskQueue } from '../../workflows/endpointDelivery/contract.ts';

// A process of its own, because the SDK's native part may keep it alive after a forced stop. Arguments: address, namespace, force time in
// ms. Sends `begun` when its one activity runs, takes the orders `stop` and `finish`, and sends how runWorkers ended.

const [address = '', namespace = '', forceMs] = process.argv.slice(2);
const logger = createLogger('silent', 'test');
installRuntime(logger);
const stopping = new AbortController();
const activity = Promise.withResolvers<{ nextDueAt: null; waitingFor: string }>();
const deliverDue = () => {
  process.send?.('begun');
  return activity.promise;
};
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowBundle: await loadWorkflowBundle(undefined),
  activities: { deliverDue },
  shutdownGraceTime: 200,
  shutdownForceTime: Number(forceMs),
});
const orders: Record<string, () => void> = {
  stop() {
    stopping.abort();
    worker.shutdown();
  },
  finish: () => activity.resolve({ nextDueAt: null, waitingFor: 'nothing' }),
};
process.on('message', (order) => orders[String(order)]?.());
const running = runWorkers([worker], connection, { stop: stopping.signal, logger });
const client = new Client({ connection: await Connection.connect({ address }), namespace });
await client.workflow.start(NAME, { taskQueue, workflowId: 'one', args: [{ v: 1, orgId: 'org_x', endpointId: 'whk_x' }] });
const result = await running.then(() => 'orderly').catch((error: Error) => error.name);
process.send?.(result, () => process.exit(0));
