import { Context } from '@temporalio/activity';
import type { Actor } from '../services/context.ts';

/** The workflow that an activity runs for, as the actor of what it writes. `subjectId` (uuid) is what the workflow is about. */
export function workflowActor(orgId: string, subjectId: string): Actor {
  const { workflowExecution, workflowType } = Context.current().info;
  return {
    type: 'workflow',
    id: subjectId,
    name: workflowType ?? 'activity',
    orgId,
    workspaceId: null,
    permissions: new Set(),
    ip: null,
    userAgent: null,
    requestId: null,
    workflowId: workflowExecution?.workflowId ?? null,
  };
}
