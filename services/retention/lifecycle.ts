import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import * as webhookRetention from '../../workflows/webhookRetention/contract.ts';

/**
 * Sees to it that retention runs every day at 03:17 UTC, within half an hour. One schedule for the installation; one that exists is left
 * as it is, so what operations paused or moved stays so.
 */
export async function keepRetentionSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: webhookRetention.SCHEDULE_ID,
      spec: { calendars: [{ hour: 3, minute: 17, comment: 'every day' }], jitter: '30 minutes' },
      action: {
        type: 'startWorkflow',
        workflowType: webhookRetention.NAME,
        workflowId: webhookRetention.NAME,
        taskQueue: webhookRetention.TASK_QUEUE,
        args: [{ v: 1, after: null }],
        staticSummary: 'Removes history that is older than the plans keep it',
      },
      // A day that was missed while Temporal was away is made up for once.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
