import type { WebhookEndpoint } from '../models/WebhookEndpoint.ts';
import { prepared } from '../prepared.ts';
import type { Sender } from '../prepared.ts';
import { columnOf } from './reading.ts';

const CHANGEABLE = [
  'name',
  'url',
  'eventTypes',
  'description',
  'timeoutSeconds',
  'maxRetries',
  'retryDelaySeconds',
  'retryScheduleSeconds',
  'headersSealed',
  'headerNames',
  'maxInFlight',
  'rateLimitPerSecond',
  'ordered',
  'channels',
  'filter',
  'verifiedAt',
  'lane',
  'laneSince',
  'updatedAt',
] as const satisfies readonly (keyof WebhookEndpoint)[];

export type WebhookChange = Partial<Pick<WebhookEndpoint, (typeof CHANGEABLE)[number]>>;

/** Of an endpoint, and what is to be notified with the commit. */
interface Changed extends Pick<WebhookEndpoint, 'orgId' | 'id'> {
  channel: string;
  payload: string;
}

const FIRST_VALUE = 6;
const SETTINGS = CHANGEABLE.map(columnOf).map(
  (column, at) => `${column} = CASE WHEN '${column}' = ANY ($5) THEN $${at + FIRST_VALUE} ELSE ${column} END`,
);

/** One statement and one plan for every set of fields: a client chooses among 16,000 of them. $5 names those that change. */
export const CHANGE = `UPDATE webhook_endpoints SET ${SETTINGS.join(', ')} WHERE org_id = $1 AND id = $2 RETURNING filter, pg_notify($3, $4)`;

/**
 * Writes the fields that are given to an endpoint that the transaction has locked. Postgres keeps all of them as they are but the filter,
 * whose keys it puts in an order of its own: the answer is that.
 */
export async function changeWebhook(
  sender: Sender,
  { orgId, id, channel, payload }: Changed,
  change: WebhookChange,
): Promise<Pick<WebhookEndpoint, 'filter'>> {
  const given = CHANGEABLE.filter((field) => change[field] !== undefined).map(columnOf);
  const values = CHANGEABLE.map((field) => (field === 'filter' ? jsonOf(change.filter) : change[field]) ?? null);
  const { rows } = await prepared<{ filter: object | null }>(sender, 'change-webhook', CHANGE, [
    orgId,
    id,
    channel,
    payload,
    given,
    ...values,
  ]);
  return { filter: rows[0]!.filter };
}

/** The driver would write an array as one of Postgres; null is no JSON null. */
const jsonOf = (filter: object | null | undefined): string | null => (filter ? JSON.stringify(filter) : null);
