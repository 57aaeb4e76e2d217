/** Counts attempts by minute, hour and day, a little after each minute is over. */
export const NAME = 'webhookStats';
export const TASK_QUEUE = 'system';

export interface Args {
  v: 1;
}

/** One for the whole installation: the id is fixed, so a second start finds the first. */
export const workflowId = (): string => NAME;
