import { defineSignal } from '@temporalio/workflow';

/** Waits until a deleted organization can no longer be restored, warns its owners before, and then erases its data. */
export const NAME = 'organizationDeletion';
export const TASK_QUEUE = 'system';

/** The id is a TypeID. How far the deletion is stands in the organization's row. */
export interface Args {
  v: 1;
  orgId: string;
}

/** One for each organization: deleted, restored and deleted again it goes on with the row as it is. */
export const workflowId = ({ orgId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}`;

/** The row changed: it was restored, or deleted again. */
export const changedSignal = defineSignal('changed');
