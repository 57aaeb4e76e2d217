/** Retires a replaced signing secret when its overlap with the new one ends. */
export const NAME = 'webhookSecretRotation';
/** Not with the deliveries: a secret must go in time, however many endpoints are busy. */
export const TASK_QUEUE = 'system';

/** Ids are TypeIDs; `secretId` names a row and tells nothing of the secret. */
export interface Args {
  v: 1;
  orgId: string;
  endpointId: string;
  secretId: string;
}

/** One for each replaced secret: however often it is started, the id finds the first. */
export const workflowId = ({ orgId, endpointId, secretId }: Omit<Args, 'v'>): string => `${NAME}:${orgId}:${endpointId}:${secretId}`;
