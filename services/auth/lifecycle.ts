import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import * as signingKeyRotation from '../../workflows/signingKeyRotation/contract.ts';
import { ACCESS_TOKEN_SECONDS, CLOCK_TOLERANCE_SECONDS } from './accessTokens.ts';

/** Longer than anybody keeps the JWKS, and than a process that missed the notification takes to read the keys. */
const LEAD_SECONDS = 3_600;
/** A process that missed that the new key signs goes on with the old one for a minute; its last token then has its life before it. */
const OVERLAP_SECONDS = ACCESS_TOKEN_SECONDS + CLOCK_TOLERANCE_SECONDS + 120;

/**
 * Sees to it that the key that signs access tokens is replaced every 30 days. One schedule for the installation; one that exists is left as it is,
 * so what operations paused or moved stays so.
 */
export async function keepSigningKeySchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: signingKeyRotation.SCHEDULE_ID,
      spec: { intervals: [{ every: '30 days' }], jitter: '1 hour' },
      action: {
        type: 'startWorkflow',
        workflowType: signingKeyRotation.NAME,
        workflowId: signingKeyRotation.NAME,
        taskQueue: signingKeyRotation.TASK_QUEUE,
        args: [{ v: 1, leadSeconds: LEAD_SECONDS, overlapSeconds: OVERLAP_SECONDS }],
        staticSummary: 'Replaces the key that signs access tokens',
      },
      // A rotation that was missed while Temporal was away is made up for once.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '7 days' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
