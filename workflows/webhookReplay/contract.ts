import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Sends many finished deliveries of one endpoint again, at a pace. */
export const NAME = 'webhookReplay';
/** Not with the deliveries: a replay must not wait behind them, and they not behind it. */
export const TASK_QUEUE = 'system';

/** Ids are TypeIDs. */
export interface Args {
  v: 1;
  orgId: string;
  endpointId: string;
  replayId: string;
}

export interface ReplayProgress {
  status: 'running' | 'paused' | 'completed' | 'cancelled';
  replayed: number;
  matching: number;
  /** RFC 3339; null unless it runs. */
  nextBatchAt: string | null;
}

export const workflowId = ({ orgId, endpointId, replayId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}:${endpointId}:${replayId}`;

/** The replay's row changed: started, paused, resumed or cancelled. Carries nothing: the row says what. */
export const changedSignal = defineSignal('changed');
export const progressQuery = defineQuery<ReplayProgress>('progress');
