/** Announces API keys that end soon, and rotates those that their organization's policy wants rotated. Started by a schedule of the same name. */
export const NAME = 'keySweep';
export const SCHEDULE_ID = NAME;
export const TASK_QUEUE = 'system';

export interface Args {
  v: 1;
  /** The key (TypeID) after which to go on; null: from the beginning. */
  after: string | null;
  /** Keys before it that failed; absent: none. */
  failed?: number;
}
