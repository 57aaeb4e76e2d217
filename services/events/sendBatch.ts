import { Buffer } from 'node:buffer';
import { textArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import type { Clock } from '../../server/clock.ts';
import { newId, typeId } from '../../server/ids.ts';
import { patternsMatching } from '../eventTypes/patterns.ts';
import { prepareAudit } from '../audit/append.ts';
import type { AuditDeps } from '../audit/append.ts';
import { insertAudit } from '../audit/insertAudit.ts';
import { compileFilter } from '../webhooks/filter/match.ts';
import { completeClaims } from '../idempotency/claims.ts';
import type { ClaimStore } from '../idempotency/claims.ts';
import { promiseWakes, writeWakes } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { insertPublished } from './insertPublished.ts';
import type { DeliveryRow, EventRow } from './insertPublished.ts';
import { matchSubscriptions } from './match.ts';
import type { Subscription } from './match.ts';
import type { NewEvent, PreparedRequest, PublishRequest, PublishedEvent } from './newEvent.ts';

export interface BatchDeps {
  clock: Clock;
  audit: AuditDeps;
  /** Needed where a request carries a claim. */
  claims?: ClaimStore;
}

export interface SentBatch {
  /** One list for each request, in order. */
  published: PublishedEvent[][];
  /** To hand to the waker after the commit. */
  wakes: PromisedWake[];
  /** Resolves once all statements are answered. Rejects with what failed first. */
  written: Promise<unknown>;
}

/**
 * Sends the events of many requests of one organization, with their deliveries, audit leaves, wake-ups and stored answers.
 * Runs inside the organization's transaction: all of it commits, or none. When this resolves every statement has been sent and
 * none is answered, so that a pipeline may send its commit behind them.
 */
export async function sendBatch(sender: Sender, orgId: string, requests: PreparedRequest[], deps: BatchDeps): Promise<SentBatch> {
  const reading = readSubscriptions(
    sender,
    orgId,
    requests.flatMap(({ events }) => events),
  );
  reading.catch(() => undefined);
  const rows = requests.map((request) => request.events.map((event, index) => eventRow(event, request.payloads[index] ?? '', deps.clock)));
  // Most of the work in this process: done while Postgres reads.
  const audit = await prepareAudit(sender, auditEntries(requests, rows), deps.audit);
  const { subscriptions, express } = await reading;
  const deliveries: DeliveryRow[] = [];
  const published = requests.map((request, of) =>
    request.events.map((event, index) => {
      const { id, type } = rows[of]![index]!;
      const matched = matchSubscriptions(event, subscriptions);
      for (const endpoint of matched) deliveries.push({ id: newId(deps.clock), eventId: id, eventType: type, endpointId: endpoint.id });
      return { id, type, occurredAt: event.occurredAt, deliveries: matched.length };
    }),
  );
  const endpointIds = [...new Set(deliveries.map(({ endpointId }) => endpointId))];
  const wakes = promiseWakes(orgId, endpointIds, express);
  const written = Promise.all([
    insertPublished(sender, orgId, rows.flat(), deliveries),
    insertAudit(sender, audit),
    storeAnswers(sender, requests, published, deps.claims),
    writeWakes(sender, orgId, wakes),
  ]);
  // Awaited by the caller after it has sent its commit; a failure before that is not unhandled.
  written.catch(() => undefined);
  return { published, wakes, written };
}

/** Whom no event of the batch can concern is left out here already: an organization may have hundreds of endpoints, and an event few of them. */
const SUBSCRIPTIONS = `SELECT id, event_types AS "eventTypes", channels, workspace_id AS "workspaceId", filter, lane
  FROM webhook_endpoints
  WHERE org_id = $1 AND deleted_at IS NULL AND status <> 'disabled'
    AND (id = ANY($4::uuid[]) OR (event_types && $2::text[] AND (channels = '{}' OR channels && $3::text[])))`;

/** Endpoints that may get events now. FOR KEY SHARE is not needed: an endpoint deleted meanwhile has its deliveries cancelled by its workflow. */
async function readSubscriptions(
  sender: Sender,
  orgId: string,
  events: NewEvent[],
): Promise<{ subscriptions: Subscription[]; express: Set<string> }> {
  type Row = Omit<Subscription, 'accepts'> & { filter: unknown; lane: string };
  const { rows } = await prepared<Row>(sender, 'read-subscriptions', SUBSCRIPTIONS, [orgId, ...concernedBy(events)]);
  return {
    subscriptions: rows.map(({ filter, lane: _lane, ...subscription }) => ({ ...subscription, accepts: compileFilter(filter) })),
    express: new Set(rows.filter(({ lane }) => lane === 'express').map(({ id }) => id)),
  };
}

/** The patterns, the channels, and the single endpoints that the events go to. */
function concernedBy(events: NewEvent[]): Buffer[] {
  const patterns = new Set([...new Set(events.map(({ type }) => type))].flatMap(patternsMatching));
  const channels = new Set(events.flatMap((event) => event.channels));
  const only = new Set(events.flatMap(({ onlyEndpointId }) => onlyEndpointId ?? []));
  return [textArray([...patterns]), textArray([...channels]), uuidArray([...only])];
}

function eventRow(event: NewEvent, payload: string, clock: Clock): EventRow {
  const { type, occurredAt, workspaceId, channels } = event;
  return { id: newId(clock), type, occurredAt, workspaceId, channels, payload };
}

function auditEntries(requests: PublishRequest[], events: EventRow[][]) {
  return requests.map(({ actor, action }, index) => ({
    actor,
    input: {
      action: action ?? 'events.publish',
      category: 'data_modification' as const,
      targets: (events[index] ?? []).map(({ id }) => ({ type: 'event', id: typeId('evt', id) })),
    },
  }));
}

async function storeAnswers(sender: Sender, requests: PublishRequest[], published: PublishedEvent[][], claims?: ClaimStore): Promise<void> {
  const answered = requests.flatMap(({ claim, answer }, index) => (claim && answer ? [{ claim, ...answer(published[index] ?? []) }] : []));
  if (answered.length === 0) return;
  if (!claims) throw new Error('A request carries a claim, and there is nowhere to store its answer');
  await completeClaims(sender, answered, claims);
}
