import type { AttemptResult, Verdict } from '../../services/webhooks/record.ts';
import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import { redactExcerpt } from '../../services/webhooks/redactExcerpt.ts';
import { retryAfterMs } from '../../services/webhooks/retryAfter.ts';
import { retryDelayMs } from '../../services/webhooks/schedule.ts';
import type { RetryPolicy } from '../../services/webhooks/schedule.ts';
import type { Exchange } from './runningExchange.ts';

/** Turns one exchange into what is recorded: 2xx is success, everything else a failure, and redirects are never followed. */
export function judge(delivery: ClaimedDelivery, exchange: Exchange, retries: RetryPolicy): AttemptResult {
  const errorCode = exchange.errorCode ?? refusalOf(exchange.statusCode);
  const counted = errorCode !== null && errorCode !== 'interrupted';
  const failures = delivery.failures + (counted ? 1 : 0);
  const asked = counted ? retryAfterMs(exchange.retryAfter, new Date()) : null;
  return {
    deliveryId: delivery.id,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    number: delivery.attempts + 1,
    startedAt: exchange.startedAt,
    durationMs: exchange.durationMs,
    statusCode: exchange.statusCode,
    errorCode,
    responseExcerpt: exchange.responseExcerpt === null ? null : redactExcerpt(exchange.responseExcerpt),
    retryAfterMs: asked,
    replay: delivery.replay,
    failures,
    verdict: verdict(errorCode, failures, { retries, askedMs: asked ?? 0 }),
  };
}

function refusalOf(statusCode: number | null): string | null {
  if (statusCode !== null && statusCode >= 200 && statusCode < 300) return null;
  return statusCode !== null && statusCode >= 300 && statusCode < 400 ? 'redirect' : 'http_status';
}

/** The receiver's Retry-After is a floor: it never makes a retry come sooner than the schedule. */
function verdict(errorCode: string | null, failures: number, { retries, askedMs }: { retries: RetryPolicy; askedMs: number }): Verdict {
  if (errorCode === null) return { status: 'delivered' };
  if (errorCode === 'interrupted') return { status: 'pending', nextAttemptAt: new Date() };
  const delayMs = retryDelayMs(retries, failures);
  return delayMs === null ? { status: 'dead' } : { status: 'retrying', nextAttemptAt: new Date(Date.now() + Math.max(delayMs, askedMs)) };
}
