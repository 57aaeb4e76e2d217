import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Delivers what is due to one webhook endpoint, for as long as something is due or scheduled. */
export const NAME = 'endpointDelivery';
export const TASK_QUEUE = 'webhooks';

/** Ids are TypeIDs. */
export interface Args {
  v: 1;
  orgId: string;
  endpointId: string;
}

export interface EndpointDeliveryStatus {
  /** RFC 3339; null when nothing is scheduled. */
  nextDueAt: string | null;
  /** For a person: "3 retrying, next at 14:05:10Z, last: 503". */
  waitingFor: string;
}

export const workflowId = ({ orgId, endpointId }: Pick<Args, 'orgId' | 'endpointId'>): string => `${NAME}:${orgId}:${endpointId}`;

/** There is new work. Carries nothing: the rows say what. */
export const wakeSignal = defineSignal('wake');
export const statusQuery = defineQuery<EndpointDeliveryStatus>('status');
