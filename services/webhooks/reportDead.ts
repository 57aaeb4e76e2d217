import type { Transaction } from 'objection';
import { typeId } from '../../server/ids.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { Actor } from '../context.ts';
import { publishOperational } from '../events/publishOperational.ts';
import type { BatchDeps } from '../events/sendBatch.ts';
import { EVENT_TYPES } from '../eventTypes/registry.ts';
import type { AttemptResult } from './record.ts';

/** An audit entry and an operational event for each delivery that gave up, in the transaction that records it. */
export async function reportDead(
  trx: Transaction,
  actor: Actor,
  endpointId: string,
  dead: AttemptResult[],
  deps: BatchDeps,
): Promise<void> {
  if (dead.length === 0) return;
  const entries = dead.map((result) => ({ actor, input: deadLetter(result) }));
  await appendAuditBatch(trx, entries, deps.audit);
  // Never about the platform's own events: an endpoint that cannot take them would be told of each by another one.
  const reports = dead.filter(({ eventType }) => EVENT_TYPES.get(eventType)?.kind !== 'operational');
  await publishOperational(
    trx,
    actor,
    reports.map((result) => ({ type: 'webhook.delivery.dead', data: report(endpointId, result) })),
    deps,
  );
}

const reasonOf = ({ statusCode, errorCode }: AttemptResult): string =>
  statusCode === null ? (errorCode ?? 'unknown') : `http_${statusCode}`;

function deadLetter(result: AttemptResult) {
  return {
    action: 'webhooks.deliveries.dead',
    category: 'data_modification' as const,
    severity: 'warning' as const,
    outcome: 'failure' as const,
    reason: reasonOf(result),
    targets: [{ type: 'delivery', id: typeId('dlv', result.deliveryId) }],
  };
}

function report(endpointId: string, result: AttemptResult): object {
  return {
    webhook_id: typeId('whk', endpointId),
    delivery_id: typeId('dlv', result.deliveryId),
    event_id: typeId('evt', result.eventId),
    event_type: result.eventType,
    attempts: result.number,
    reason: reasonOf(result),
  };
}
