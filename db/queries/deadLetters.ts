import type { QueryBuilder } from 'objection';
import type { Transaction } from 'objection';
import { Delivery } from '../models/Delivery.ts';
import { WebhookEndpoint } from '../models/WebhookEndpoint.ts';

/** null: not narrowed down. Times are those at which the delivery was made, read off its id. */
export interface DeadLetterScope {
  orgId: string;
  /** Only those of endpoints of this workspace. */
  workspaceId: string | null;
  endpointId: string | null;
  eventType: string | null;
  since: Date | null;
  until: Date | null;
}

/** The dead letters of endpoints that are not deleted. The first two conditions are those of the index deliveries_given_up. */
export function deadLetters(trx: Transaction, scope: DeadLetterScope): QueryBuilder<Delivery> {
  const { orgId, workspaceId, endpointId, eventType, since, until } = scope;
  const endpoints = WebhookEndpoint.query(trx).select('id').where({ org_id: orgId }).whereNull('deleted_at');
  if (workspaceId !== null) void endpoints.where({ workspace_id: workspaceId });
  const query = Delivery.query(trx)
    .where({ org_id: orgId })
    .whereNull('next_attempt_at')
    .whereNull('delivered_at')
    .where({ status: 'dead' });
  void query.whereIn('endpoint_id', endpoints);
  if (endpointId !== null) void query.where({ endpoint_id: endpointId });
  if (eventType !== null) void query.where({ event_type: eventType });
  if (since !== null) void query.whereRaw('id >= uuidv7_floor(?)', [fromEpoch(since)]);
  if (until !== null) void query.whereRaw('id < uuidv7_floor(?)', [fromEpoch(until)]);
  return query;
}

/** Without those whose endpoint is disabled or whose event or its payload is no longer kept: sending them again is not possible. */
export function sendableDeadLetters(trx: Transaction, scope: DeadLetterScope): QueryBuilder<Delivery> {
  return deadLetters(trx, scope)
    .whereRaw("endpoint_id NOT IN (SELECT id FROM webhook_endpoints WHERE org_id = ? AND status = 'disabled')", [scope.orgId])
    .whereRaw(
      'EXISTS (SELECT FROM events WHERE events.org_id = deliveries.org_id AND events.id = deliveries.event_id AND events.payload IS NOT NULL)',
    );
}

/** The time in an id has no sign. */
const fromEpoch = (time: Date): Date => (time.getTime() < 0 ? new Date(0) : time);
