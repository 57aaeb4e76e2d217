import type { Transaction } from 'objection';
import type { Clock } from '../../server/clock.ts';
import { newId, typeId } from '../../server/ids.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { AuditDeps } from '../audit/append.ts';
import { compileFilter } from '../webhooks/filter/match.ts';
import { completeClaims } from '../idempotency/claims.ts';
import type { ClaimStore } from '../idempotency/claims.ts';
import { enqueueWake } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { insertPublished } from './insertPublished.ts';
import type { DeliveryRow, EventRow } from './insertPublished.ts';
import { matchSubscriptions } from './match.ts';
import type { Subscription } from './match.ts';
import type { NewEvent, PreparedRequest, PublishRequest, PublishedEvent } from './newEvent.ts';

export interface BatchDeps {
  clock: Clock;
  audit: AuditDeps;
  claims: ClaimStore;
}

export interface WrittenBatch {
  /** One list for each request, in order. */
  published: PublishedEvent[][];
  wakes: PromisedWake[];
}

/**
 * Writes the events of many requests of one organization, with their deliveries, audit leaves, wake-ups and stored answers.
 * Runs inside the organization's transaction: all of it commits, or none.
 */
export async function writeBatch(trx: Transaction, orgId: string, requests: PreparedRequest[], deps: BatchDeps): Promise<WrittenBatch> {
  const { subscriptions, express } = await readSubscriptions(trx, orgId);
  const events: EventRow[] = [];
  const deliveries: DeliveryRow[] = [];
  const published = requests.map((request) =>
    request.events.map((event, index) => {
      const row = eventRow(event, request.payloads[index] ?? '', deps.clock);
      const matched = matchSubscriptions(event, subscriptions);
      events.push(row);
      for (const { id } of matched) deliveries.push({ id: newId(deps.clock), eventId: row.id, eventType: row.type, endpointId: id });
      return { id: row.id, type: row.type, occurredAt: event.occurredAt, deliveries: matched.length };
    }),
  );
  await insertPublished(trx, orgId, events, deliveries);
  await appendAuditBatch(trx, auditEntries(requests, published), deps.audit);
  const wakes = await enqueueWake(trx, orgId, [...new Set(deliveries.map(({ endpointId }) => endpointId))], express);
  await storeAnswers(trx, requests, published, deps.claims);
  return { published, wakes };
}

/** Endpoints that may get events now. FOR KEY SHARE is not needed: an endpoint deleted meanwhile has its deliveries cancelled by its workflow. */
async function readSubscriptions(trx: Transaction, orgId: string): Promise<{ subscriptions: Subscription[]; express: Set<string> }> {
  const endpoints = await trx('webhook_endpoints')
    .where({ org_id: orgId })
    .whereNull('deleted_at')
    .whereNot('status', 'disabled')
    .select<(Omit<Subscription, 'accepts'> & { filter: unknown; lane: string })[]>(
      'id',
      'event_types as eventTypes',
      'channels',
      'workspace_id as workspaceId',
      'filter',
      'lane',
    );
  return {
    subscriptions: endpoints.map(({ filter, lane: _lane, ...subscription }) => ({ ...subscription, accepts: compileFilter(filter) })),
    express: new Set(endpoints.filter(({ lane }) => lane === 'express').map(({ id }) => id)),
  };
}

function eventRow(event: NewEvent, payload: string, clock: Clock): EventRow {
  const { type, occurredAt, workspaceId, channels } = event;
  return { id: newId(clock), type, occurredAt, workspaceId, channels, payload };
}

function auditEntries(requests: PublishRequest[], published: PublishedEvent[][]) {
  return requests.map(({ actor, action }, index) => ({
    actor,
    input: {
      action: action ?? 'events.publish',
      category: 'data_modification' as const,
      targets: (published[index] ?? []).map(({ id }) => ({ type: 'event', id: typeId('evt', id) })),
    },
  }));
}

async function storeAnswers(
  trx: Transaction,
  requests: PublishRequest[],
  published: PublishedEvent[][],
  claims: ClaimStore,
): Promise<void> {
  const answered = requests.flatMap(({ claim, answer }, index) => (claim && answer ? [{ claim, ...answer(published[index] ?? []) }] : []));
  if (answered.length > 0) await completeClaims(trx, answered, claims);
}
