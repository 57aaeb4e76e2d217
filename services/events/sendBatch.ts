import type { Sender } from '../../db/prepared.ts';
import type { Clock } from '../../server/clock.ts';
import { newId, typeId } from '../../server/ids.ts';
import { prepareAudit } from '../audit/append.ts';
import type { AuditDeps } from '../audit/append.ts';
import { insertAudit } from '../audit/insertAudit.ts';
import { completeClaims } from '../idempotency/claims.ts';
import type { ClaimStore } from '../idempotency/claims.ts';
import { promiseWakes, writeWakes } from '../outbox/wakes.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { insertPublished } from './insertPublished.ts';
import type { DeliveryRow, EventRow } from './insertPublished.ts';
import { matchSubscriptions } from './match.ts';
import type { NewEvent, PreparedRequest, PublishRequest, PublishedEvent } from './newEvent.ts';
import { subscriptionsTo } from './subscriptions.ts';
import type { KnownSubscriptions } from './subscriptions.ts';

export interface BatchDeps {
  clock: Clock;
  audit: AuditDeps;
  /** Needed where a request carries a claim. */
  claims?: ClaimStore;
  /** For who runs in a pipeline and repeats a batch that is refused with isOutOfDate. */
  subscriptions?: KnownSubscriptions;
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
  const events = requests.flatMap((request) => request.events);
  const reading = subscriptionsTo(events, { sender, orgId, known: deps.subscriptions });
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
