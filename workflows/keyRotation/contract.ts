import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Keeps an API key and its successor alive side by side, and retires the old one. */
export const NAME = 'keyRotation';
/** Not with the deliveries: a key must go in time, however many endpoints are busy. */
export const TASK_QUEUE = 'system';

/** Ids are TypeIDs: `keyId` is the key that is replaced. */
export interface Args {
  v: 1;
  orgId: string;
  keyId: string;
}

/** What somebody at Temporal's own controls wants; the routes of the API write it into the row instead. */
export type Wish = { kind: 'extend'; until: string } | { kind: 'finish' } | { kind: 'abort' };

export interface RotationStatus {
  state: 'overlapping' | 'finished' | 'aborted' | 'unknown';
  /** When the old key retires as things stand, RFC 3339; null: it is over. */
  endsAt: string | null;
}

/** One for each key that is replaced: however often it is started, the id finds the first. */
export const workflowId = ({ orgId, keyId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}:${keyId}`;

/** Something changed: the row and the keys say what. Carries nothing. */
export const changedSignal = defineSignal('changed');
/** The old key works until this time (RFC 3339), whatever becomes of the new one. */
export const extendSignal = defineSignal<[{ until: string }]>('extend');
/** The old key retires now. */
export const finishSignal = defineSignal('finish');
/** The new key is revoked, and the old one lives on. */
export const abortSignal = defineSignal('abort');
export const statusQuery = defineQuery<RotationStatus>('status');
