import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import * as endpointDelivery from '../workflows/endpointDelivery/contract.ts';
import * as outboxRelay from '../workflows/outboxRelay/contract.ts';
import type { ActivityDeps } from './deps.ts';
import { createActivities } from './index.ts';
import { loadWorkflowBundle } from './workflowBundle.ts';

const CACHED_WORKFLOWS = 500;
/** The relay and later sweeps: few, and never behind deliveries. */
const SYSTEM_ACTIVITIES = 20;

/**
 * Longest time between two heartbeats. They time out after 10 s for endpoints' own workflows and after 5 s for the few shared activities; the
 * SDK's own throttle of 80 % would leave a busy process one or two seconds of margin.
 */
const HEARTBEAT = { webhooks: '4 seconds', system: '2 seconds' } as const;

/** One worker for each task queue, over one connection and one bundle. */
export async function createWorkers(deps: ActivityDeps, connection: NativeConnection): Promise<Worker[]> {
  const { config } = deps;
  const shared: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    workflowBundle: await loadWorkflowBundle(config.WORKFLOW_BUNDLE_PATH, deps.logger),
    activities: createActivities(deps),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    // After a kill -9 a workflow waits this long for the dead worker before another one takes it.
    stickyQueueScheduleToStartTimeout: '2 seconds',
    // `deps.stopping` asks activities to end; this is when the SDK cancels those that did not.
    shutdownGraceTime: config.WORKER_SHUTDOWN_SECONDS * 1_000,
    shutdownForceTime: (config.WORKER_SHUTDOWN_SECONDS + 5) * 1_000,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
  };
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: endpointDelivery.TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: config.WORKER_MAX_ACTIVITIES,
      maxHeartbeatThrottleInterval: HEARTBEAT.webhooks,
    }),
    Worker.create({
      ...shared,
      taskQueue: outboxRelay.TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: SYSTEM_ACTIVITIES,
      maxHeartbeatThrottleInterval: HEARTBEAT.system,
    }),
  ]);
}
