import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as organizationDeletion from '../../workflows/organizationDeletion/contract.ts';

const ORG_ID = defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD);

/**
 * Tells the workflow of an organization's deletion to look at its row; starts it if there is none. Safe to repeat: one workflow id per
 * organization (uuid).
 */
export async function wakeOrganizationDeletion(temporal: Client, orgId: string): Promise<void> {
  const id = typeId('org', orgId);
  await temporal.workflow.signalWithStart(organizationDeletion.NAME, {
    workflowId: organizationDeletion.workflowId({ orgId: id }),
    taskQueue: organizationDeletion.TASK_QUEUE,
    args: [{ v: 1, orgId: id }],
    signal: organizationDeletion.changedSignal,
    signalArgs: [],
    typedSearchAttributes: new TypedSearchAttributes([{ key: ORG_ID, value: id }]),
    staticSummary: `Erases ${id} when it can no longer be restored`,
    staticDetails:
      'Sleeps until owners are to be warned and until the end, then erases in batches. A restored organization ends it. The row in Postgres is the truth.',
  });
}

/** Ends every workflow that works for an organization (uuid), but for that of its deletion. Returns how many; safe to repeat. */
export async function endWorkflowsOf(temporal: Client, orgId: string): Promise<number> {
  const id = typeId('org', orgId);
  const own = organizationDeletion.workflowId({ orgId: id });
  let ended = 0;
  for await (const { workflowId, runId } of temporal.workflow.list({ query: `OrgId = '${id}' AND ExecutionStatus = 'Running'` })) {
    if (workflowId === own) continue;
    try {
      await temporal.workflow.getHandle(workflowId, runId).terminate(`${id} is being erased`);
      ended += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return ended;
}
