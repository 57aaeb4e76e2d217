import { defineQuery } from '@temporalio/workflow';

/** Replaces a master key, or the data key of one organization: what the old one sealed is sealed again, while everything runs. */
export const NAME = 'encryptionKeyRotation';
/** Not with the deliveries: a key that may be known to others must go, however many endpoints are busy. */
export const TASK_QUEUE = 'system';

/** A TypeID. What is rotated, to which key, and how far it is stands in the row of that id. */
export interface Args {
  v: 1;
  rotationId: string;
}

export interface RotationProgress {
  /** Values that were looked at and that were sealed again, over all passes. */
  examined: number;
  resealed: number;
  /** The pass over all sealed columns; the last one finds nothing to do. */
  pass: number;
  /** `table.column` */
  column: string | null;
  /** `incomplete`: some values could not be opened, and stay under their old key. */
  outcome: 'done' | 'incomplete' | null;
  /** Until the next step may be taken. */
  waitMs: number;
}

/** One for each rotation: however often it is started, the id finds the first. */
export const workflowId = ({ rotationId }: Omit<Args, 'v'>): string => `${NAME}:${rotationId}`;

export const progressQuery = defineQuery<RotationProgress>('progress');
