import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import * as webhookStats from '../../../workflows/webhookStats/contract.ts';

/** Starts the installation's one workflow that counts attempts, unless it runs already. Every worker process calls this when it starts. */
export async function startWebhookStats(temporal: Client): Promise<void> {
  try {
    await temporal.workflow.start(webhookStats.NAME, {
      workflowId: webhookStats.workflowId(),
      taskQueue: webhookStats.TASK_QUEUE,
      args: [{ v: 1 }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'Counts attempts by minute, hour and day',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
