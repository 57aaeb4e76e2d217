/** Sends one mail, and again for as long as it says something useful. */
export const NAME = 'mailDelivery';
export const TASK_QUEUE = 'system';

/** The TypeID names a row, in which recipient and content are sealed. */
export interface Args {
  v: 1;
  mailId: string;
}

/** One for each mail: however often it is started, the id finds the first. */
export const workflowId = ({ mailId }: Omit<Args, 'v'>): string => `${NAME}:${mailId}`;
