/** Removes events, deliveries and attempts that are older than the plans keep them. Started by a schedule of the same name. */
export const NAME = 'webhookRetention';
export const SCHEDULE_ID = NAME;
export const TASK_QUEUE = 'system';

export interface Args {
  v: 1;
  /** The organization (TypeID) after which to go on; null: from the beginning. */
  after: string | null;
  /** Organizations before it that failed; absent: none. */
  failed?: number;
}

/** What an organization lost, or all of them. */
export interface Counts {
  events: number;
  deliveries: number;
  deadLetters: number;
  attempts: number;
}
