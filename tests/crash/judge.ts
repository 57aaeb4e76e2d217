import { percentile, rounded } from '../load/figures.ts';
import type { Received } from '../support/receiver.ts';
import { countBy, eventUuid } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import type { Traffic } from './traffic.ts';

/** Repeats of what had arrived, as a share of what was accepted. */
const MOST_DUPLICATES = 0.01;

export type Figures = ReturnType<typeof figuresOf>;

/**
 * Everything that is counted of one run. `received` is what came to the receiver, repeats included; `workerKilledAt` is when the worker was
 * killed, ms of the clock, in order.
 */
export function figuresOf(traffic: Traffic, received: Received[], evidence: Evidence, workerKilledAt: number[]) {
  const accepted = new Map(traffic.accepted.map(({ id, at }) => [eventUuid(id), at]));
  const arrivals = Map.groupBy(received, ({ headers }) => eventUuid(headers['webhook-id'] ?? ''));
  const lost = [...accepted.keys()].filter((id) => !arrivals.has(id));
  const waits = [...accepted].flatMap(
    ([id, at]) =>
      arrivals
        .get(id)
        ?.slice(0, 1)
        .map((first) => first.at - at) ?? [],
  );
  const times = received.map(({ at }) => at);
  const duplicates = received.length - arrivals.size;
  return {
    published: traffic.accepted.length + traffic.givenUp.length,
    accepted: accepted.size,
    given_up: traffic.givenUp.length,
    written: evidence.events.size,
    delivered: arrivals.size,
    lost: lost.length,
    // Written, then not acknowledged in time: the publisher may not have given up for it to be strange.
    arrived_without_acceptance: [...arrivals.keys()].filter((id) => !accepted.has(id)).length,
    duplicates,
    duplicate_share: rounded(duplicates / Math.max(1, accepted.size), 5),
    duplicates_by_worker_kill: workerKilledAt.map((killedAt, n) => repeatsAcross(arrivals, killedAt, workerKilledAt[n - 1] ?? 0)),
    ...attemptFigures(arrivals, evidence),
    deliveries_by_status: evidence.deliveries,
    audit_entries_of_publishing: evidence.audit.published,
    audit_entries_broken: evidence.audit.broken,
    outbox_left: evidence.outbox,
    wait_p50_ms: rounded(percentile(waits, 0.5)),
    wait_p99_ms: rounded(percentile(waits, 0.99)),
    worst_wait_ms: Math.max(0, ...waits),
    worst_silence_ms: Math.max(0, ...times.slice(1).map((at, i) => at - times[i]!)),
  };
}

/** Requests that came again after this kill of the worker, and last came after the kill before it: answers that died with this one. */
function repeatsAcross(arrivals: Map<string, Received[]>, killedAt: number, killedBefore: number): number {
  const came = [...arrivals.values()].filter((requests) => requests.length > 1);
  const pairs = came.flatMap((requests) => requests.slice(1).map((again, n) => [requests[n]!.at, again.at] as const));
  return pairs.filter(([first, again]) => first > killedBefore && first <= killedAt && again > killedAt).length;
}

/** A request that arrived is on record with its answer, or a record says why there is none (`worker_lost`, `interrupted`, …). */
function attemptFigures(arrivals: Map<string, Received[]>, { attempts }: Evidence) {
  const recorded = Map.groupBy(attempts, ({ event_id: id }) => id);
  const of = (id: string) => recorded.get(id) ?? [];
  const answered = (id: string) => of(id).filter(({ status_code: status }) => status === 200).length;
  const ids = [...arrivals];
  return {
    attempts_recorded: attempts.length,
    attempts_by_outcome: countBy(attempts.map(({ status_code: status, error_code: code }) => code ?? String(status))),
    requests_without_record: ids.filter(([id, came]) => came.length > of(id).length).length,
    records_without_request:
      attempts.length === 0 ? 0 : [...recorded.keys()].filter((id) => answered(id) > (arrivals.get(id)?.length ?? 0)).length,
    answers_explained_by_loss: ids.reduce((sum, [id, came]) => sum + Math.max(0, came.length - answered(id)), 0),
  };
}

/** Sentences, one for each guarantee that did not hold. */
export function faultsOf(figures: Figures, expected: number): string[] {
  const faults: [boolean, string][] = [
    [figures.accepted !== expected, `${figures.accepted} of ${expected} events were accepted`],
    [figures.written !== figures.accepted, `${figures.written} events are written, ${figures.accepted} were accepted`],
    [figures.lost > 0, `${figures.lost} accepted events did not arrive`],
    [figures.arrived_without_acceptance > 0, `${figures.arrived_without_acceptance} events arrived that were never accepted`],
    [figures.duplicate_share >= MOST_DUPLICATES, `${figures.duplicates} requests were repeats: ${figures.duplicate_share * 100} %`],
    [figures.requests_without_record > 0, `${figures.requests_without_record} events arrived more often than there are attempts on record`],
    [
      figures.records_without_request > 0,
      `${figures.records_without_request} events have answers on record that the receiver did not give`,
    ],
    [figures.deliveries_by_status['delivered'] !== expected, `deliveries are ${JSON.stringify(figures.deliveries_by_status)}`],
    [Object.keys(figures.deliveries_by_status).length > 1, 'some deliveries are not delivered'],
    [figures.audit_entries_of_publishing !== figures.accepted, `${figures.audit_entries_of_publishing} audit entries of publishing`],
    [figures.audit_entries_broken > 0, `${figures.audit_entries_broken} audit entries are not whole`],
    [figures.outbox_left > 0, `${figures.outbox_left} wake-ups are still promised`],
  ];
  return faults.flatMap(([broken, sentence]) => (broken ? [sentence] : []));
}
