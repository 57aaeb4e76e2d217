import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as domainVerification from '../../workflows/domainVerification/contract.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);
const SUBJECT = defineSearchAttributeKey('Subject', SearchAttributeType.KEYWORD);

/** Has the record of a verified domain looked for every day. Safe to repeat: one workflow id per domain. Ids are uuids. */
export async function startDomainVerification(temporal: Client, ref: { orgId: string; domainId: string }): Promise<void> {
  const ids = { orgId: typeId('org', ref.orgId), domainId: typeId('dom', ref.domainId) };
  await temporal.workflow.start(domainVerification.NAME, {
    workflowId: domainVerification.workflowId(ids),
    taskQueue: domainVerification.TASK_QUEUE,
    args: [{ v: 1, ...ids }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: ORG_ID, value: ids.orgId },
      { key: SUBJECT, value: ids.domainId },
    ]),
    staticSummary: `Looks for the DNS record of ${ids.domainId} every day`,
    staticDetails: `Organization ${ids.orgId}. Ends when the domain is removed or lapses; the row in Postgres is the truth.`,
  });
}
