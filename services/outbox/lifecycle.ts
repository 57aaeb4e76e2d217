import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';

/** Starts the installation's one relay unless it runs already. Every worker process calls this when it starts. */
export async function startOutboxRelay(temporal: Client): Promise<void> {
  try {
    await temporal.workflow.start(outboxRelay.NAME, {
      workflowId: outboxRelay.workflowId(),
      taskQueue: outboxRelay.TASK_QUEUE,
      args: [{ v: 1 }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'Repeats wake-ups that a stopped process left undone',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
