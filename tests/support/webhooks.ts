import type { z } from 'zod';
import { parseTypeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import type { Delivery, DeliveryWithAttempts } from '../../server/http/routes/webhooks/deliverySchemas.ts';
import type { WebhookTestOut } from '../../server/http/routes/webhooks/testSchemas.ts';
import type { WebhookCreated, WebhookOut } from '../../server/http/routes/webhooks/schemas.ts';
import { withTenant } from '../../db/tenancy.ts';
import type { Caller } from './api.ts';
import type { TestDatabase } from './database.ts';

export type WireWebhook = z.output<typeof WebhookOut>;
export type WireCreated = z.output<typeof WebhookCreated>;
export type WireDelivery = z.output<typeof Delivery>;
export type WireTest = z.output<typeof WebhookTestOut>;
export type WireDeliveryDetail = z.output<typeof DeliveryWithAttempts>;

export interface WirePage<Item> {
  data: Item[];
  next_cursor: string | null;
  has_more: boolean;
}

/** The least that makes an endpoint. Nothing listens there: what is sent to it waits. */
export const MINIMAL_WEBHOOK = { name: 'CRM sync', url: 'http://127.0.0.1:9/hook', events: ['lead.created'] };

export async function newWebhook(caller: Caller, fields: object = {}): Promise<WireCreated> {
  const { status, body, text } = await caller.post<WireCreated>('/admin/webhooks', { ...MINIMAL_WEBHOOK, ...fields });
  if (status !== 201) throw new Error(`expected 201, got ${status}: ${text}`);
  return body;
}

/** The database id behind a public one. */
export function uuidOf(prefix: IdPrefix, id: string): string {
  const uuid = parseTypeId(prefix, id);
  if (uuid === null) throw new Error(`${id} is not an id of ${prefix}`);
  return uuid;
}

/** Rows of a tenant table as the organization sees them, in the order of `orderBy`. */
export function rowsOf<Row extends object>(
  database: TestDatabase,
  orgId: string,
  table: string,
  where: object = {},
  orderBy = 'id',
): Promise<Row[]> {
  return withTenant(database.app, orgId, async (trx) => (await trx(table).where(where).orderBy(orderBy)) as Row[]);
}

export interface AuditViewRow {
  action: string;
  outcome: string;
  actor_id: string;
  target_type: string | null;
  target_id: string | null;
  request_id: string | null;
}

export const auditEntries = (database: TestDatabase, orgId: string, action: string): Promise<AuditViewRow[]> =>
  rowsOf<AuditViewRow>(database, orgId, 'audit_view', { action }, 'entry_id');
