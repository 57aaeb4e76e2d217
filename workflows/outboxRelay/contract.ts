/** Repeats what a killed process left undone: signals the endpoints named by outbox rows, and by due deliveries nobody works on. */
export const NAME = 'outboxRelay';
export const TASK_QUEUE = 'system';

export interface Args {
  v: 1;
}

/** One relay for the whole installation: the id is fixed, so a second start finds the first. */
export const workflowId = (): string => NAME;
