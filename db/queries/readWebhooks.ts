import type { WebhookEndpoint } from '../models/WebhookEndpoint.ts';
import type { Sender } from '../prepared.ts';
import { columnsOf, reading, seenBy } from './reading.ts';
import type { SeenBy } from './reading.ts';

/** What an endpoint shows of itself. */
const SHOWN = [
  'id',
  'workspaceId',
  'name',
  'url',
  'description',
  'eventTypes',
  'headerNames',
  'timeoutSeconds',
  'maxRetries',
  'retryDelaySeconds',
  'retryScheduleSeconds',
  'rateLimitPerSecond',
  'maxInFlight',
  'ordered',
  'filter',
  'channels',
  'signature',
  'publicKeys',
  'verifiedAt',
  'status',
  'deliveredCount',
  'failedCount',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof WebhookEndpoint)[];

export type ShownWebhook = Pick<WebhookEndpoint, (typeof SHOWN)[number]>;

interface WebhookSlice extends SeenBy {
  /** Only endpoints older than this one: where the previous page ended. */
  before: string | null;
  limit: number;
}

const SELECT = `SELECT ${columnsOf(SHOWN)} FROM webhook_endpoints WHERE deleted_at IS NULL`;
const one = reading<ShownWebhook>({ name: 'read-webhook', select: SELECT });
const locked = reading<ShownWebhook>({ name: 'lock-webhook', select: SELECT, end: ' FOR NO KEY UPDATE' });
const many = reading<ShownWebhook>({ name: 'list-webhooks', select: SELECT, end: ' ORDER BY id DESC LIMIT ?' });

/** An endpoint that is not deleted; undefined when there is none. */
export async function readWebhook(sender: Sender, id: string, filter: SeenBy): Promise<ShownWebhook | undefined> {
  const [webhook] = await one(sender, [...seenBy(filter), ['id = ?', id]]);
  return webhook;
}

/** readWebhook, which makes other changes of the endpoint wait until the transaction ends. */
export async function lockWebhook(sender: Sender, id: string, filter: SeenBy): Promise<ShownWebhook | undefined> {
  const [webhook] = await locked(sender, [...seenBy(filter), ['id = ?', id]]);
  return webhook;
}

/** Endpoints that are not deleted, newest first. */
export function listWebhooks(sender: Sender, { before, limit, ...filter }: WebhookSlice): Promise<ShownWebhook[]> {
  return many(sender, [...seenBy(filter), ['id < ?', before]], limit);
}
