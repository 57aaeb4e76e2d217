import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { typeId } from '../../server/ids.ts';
import * as keyRotation from '../../workflows/keyRotation/contract.ts';
import * as keySweep from '../../workflows/keySweep/contract.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);
const SUBJECT = defineSearchAttributeKey('Subject', SearchAttributeType.KEYWORD);

/** Tells the rotation of a key (database uuids) to look at its row; starts it if there is none. Safe to repeat: one workflow id per key. */
export async function wakeKeyRotation(temporal: Client, ref: { orgId: string; keyId: string }): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), keyId: typeId('key', ref.keyId) };
  await temporal.workflow.signalWithStart(keyRotation.NAME, {
    workflowId: keyRotation.workflowId(ids),
    taskQueue: keyRotation.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    signal: keyRotation.changedSignal,
    signalArgs: [],
    typedSearchAttributes: new TypedSearchAttributes([
      { key: ORG_ID, value: ids.orgId },
      { key: SUBJECT, value: ids.keyId },
    ]),
    staticSummary: `Retires ${ids.keyId}, which was rotated`,
    staticDetails: `Organization ${ids.orgId}. Sleeps until the grace of the old key ends, or the new one is used; the rows in Postgres are the truth.`,
  });
}

/**
 * Sees to it that keys are looked through every hour: which expire soon, which their organization's policy wants rotated. One schedule for
 * the installation; one that exists is left as it is, so what operations paused or moved stays so.
 */
export async function keepKeySweepSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: keySweep.SCHEDULE_ID,
      spec: { calendars: [{ hour: '*', minute: 23, comment: 'every hour' }], jitter: '5 minutes' },
      action: {
        type: 'startWorkflow',
        workflowType: keySweep.NAME,
        workflowId: keySweep.NAME,
        taskQueue: keySweep.TASK_QUEUE,
        args: [{ v: 1, after: null }],
        staticSummary: 'Announces API keys that expire, and rotates those that a policy wants rotated',
      },
      // Hours that were missed while Temporal was away are made up for by the next one.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
