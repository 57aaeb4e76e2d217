import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as payloadErasure from '../../workflows/payloadErasure/contract.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);
const SUBJECT = defineSearchAttributeKey('Subject', SearchAttributeType.KEYWORD);

/** Sees to it that an erasure of payloads runs. Database uuids; safe to repeat: one workflow id per erasure. */
export async function startPayloadErasure(temporal: Client, ref: { orgId: string; erasureId: string }): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), erasureId: typeId('ers', ref.erasureId) };
  await temporal.workflow.start(payloadErasure.NAME, {
    workflowId: payloadErasure.workflowId(ids),
    taskQueue: payloadErasure.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: ORG_ID, value: ids.orgId },
      { key: SUBJECT, value: ids.erasureId },
    ]),
    staticSummary: 'Erases the payloads of the events of a data subject',
    staticDetails: `Organization ${ids.orgId}. Looks at every event; the row of ${ids.erasureId} in Postgres knows how far it is.`,
    priority: { fairnessKey: ids.orgId },
  });
}
