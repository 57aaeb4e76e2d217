/** Looks every day whether the record is still there that proves whose a domain is. */
export const NAME = 'domainVerification';
export const TASK_QUEUE = 'system';

/** Ids are TypeIDs. */
export interface Args {
  v: 1;
  orgId: string;
  domainId: string;
}

/** One for each domain: however often it is started, the id finds the first. */
export const workflowId = ({ orgId, domainId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}:${domainId}`;
