import { delaySeconds } from './schedule.ts';
import type { RetryPolicy } from './schedule.ts';

export const FAILING_AFTER = 5;
export const DISABLED_AFTER_MS = 5 * 86_400_000;
/** Answers by which a receiver says that it is overloaded. */
const SLOW_DOWN = new Set([429, 502, 503, 504]);
const GONE = 410;
const LONGEST_HOLD_MS = 3_600_000;

/** What an endpoint's last attempts say about it. */
export interface EndpointHealth {
  status: 'active' | 'failing' | 'disabled';
  consecutiveFailures: number;
  /** When the first of them was. */
  failingSince: Date | null;
  /** Until then nothing is sent. */
  heldUntil: Date | null;
}

/** One finished attempt, as health sees it. */
export interface Observation {
  startedAt: Date;
  ok: boolean;
  statusCode: number | null;
  /** What the answer's Retry-After asks for. */
  retryAfterMs: number | null;
}

/**
 * Health after one more attempt. One success makes an endpoint whole. A failure counts; after five in a row the endpoint is `failing`:
 * one probe at a time, on its retry schedule. Overload (429, 502, 503, 504, any Retry-After) holds the whole endpoint back, not one delivery.
 * `410 Gone`, or five days of failure, disable it.
 * What was under way already when a hold began is no probe: it may bring the count to five, but never lengthens the hold,
 * or one burst of failures would use up the whole schedule at once. A Retry-After counts whenever it comes.
 */
export function observe(
  health: EndpointHealth,
  { startedAt, ok, statusCode, retryAfterMs }: Observation,
  retries: RetryPolicy,
  now: Date,
): EndpointHealth {
  if (ok) return { status: 'active', consecutiveFailures: 0, failingSince: null, heldUntil: null };
  const wasUnderWay = health.heldUntil !== null && startedAt < health.heldUntil;
  const consecutiveFailures = countOf(health.consecutiveFailures, wasUnderWay);
  const failingSince = health.failingSince ?? now;
  const failing = consecutiveFailures >= FAILING_AFTER;
  if (statusCode === GONE || now.getTime() - failingSince.getTime() >= DISABLED_AFTER_MS) {
    return { status: 'disabled', consecutiveFailures, failingSince, heldUntil: null };
  }
  const overloaded = retryAfterMs === null && statusCode !== null && SLOW_DOWN.has(statusCode);
  const opens = failing && health.status !== 'failing';
  const holds = [
    retryAfterMs ?? 0,
    overloaded && !wasUnderWay ? overloadMs(consecutiveFailures) : 0,
    failing && (opens || !wasUnderWay) ? probeMs(retries, consecutiveFailures - FAILING_AFTER + 1) : 0,
  ];
  const heldUntilMs = Math.max(health.heldUntil?.getTime() ?? 0, now.getTime() + Math.min(Math.max(...holds), LONGEST_HOLD_MS));
  return {
    status: failing ? 'failing' : 'active',
    consecutiveFailures,
    failingSince,
    heldUntil: heldUntilMs > now.getTime() ? new Date(heldUntilMs) : null,
  };
}

const countOf = (before: number, wasUnderWay: boolean): number =>
  wasUnderWay ? Math.max(before, Math.min(before + 1, FAILING_AFTER)) : before + 1;

/** 1, 2, 4 … 60 s: without a Retry-After, overload is answered by slowing down quickly and carefully coming back. */
function overloadMs(failures: number): number {
  return Math.min(1_000 * 2 ** (failures - 1), 60_000);
}

/** The schedule's own delays, the last one again and again when it has ended. */
function probeMs(retries: RetryPolicy, probe: number): number {
  for (let step = probe; step > 0; step -= 1) {
    const seconds = delaySeconds(retries, step);
    if (seconds !== null) return seconds * 1_000;
  }
  return retries.retryDelaySeconds * 1_000;
}
