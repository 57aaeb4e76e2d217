import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Delivers what is due to endpoints that are proven fast, many of them in one workflow: they are too sparse to be worth one each. */
export const NAME = 'deliveryBatch';
/** Not the queue of endpoints' own workflows: what is slow there may hold all of its slots. */
export const TASK_QUEUE = 'system';

/** No organization and no endpoint: the rows say whose deliveries are due. */
export interface Args {
  v: 1;
  /** From 0; see services/webhooks/express/lane.ts. */
  shard: number;
}

export interface DeliveryBatchStatus {
  /** RFC 3339; null when nothing is scheduled. */
  nextDueAt: string | null;
  /** For a person: "17 endpoints served, nothing is due". */
  waitingFor: string;
}

export const workflowId = ({ shard }: Pick<Args, 'shard'>): string => `${NAME}:${shard}`;

/** There is new work. Carries nothing: the rows say what. */
export const wakeSignal = defineSignal('wake');
export const statusQuery = defineQuery<DeliveryBatchStatus>('status');
