import { defineQuery } from '@temporalio/workflow';

/** Erases the payloads of all events that name a data subject. */
export const NAME = 'payloadErasure';
export const TASK_QUEUE = 'system';

/** Ids are TypeIDs. Who the subject is stands in the erasure's row, sealed. */
export interface Args {
  v: 1;
  orgId: string;
  erasureId: string;
}

export interface ErasureProgress {
  examined: number;
  erased: number;
  finished: boolean;
}

export const workflowId = ({ orgId, erasureId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}:${erasureId}`;

export const progressQuery = defineQuery<ErasureProgress>('progress');
