import type { AttemptResult, Verdict } from '../../services/webhooks/record.ts';
import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import { retryDelayMs } from '../../services/webhooks/schedule.ts';
import type { RetryPolicy } from '../../services/webhooks/schedule.ts';
import type { Exchange } from './runningExchange.ts';

/** Turns one exchange into what is recorded: 2xx is success, everything else a failure, and redirects are never followed. */
export function judge(delivery: ClaimedDelivery, exchange: Exchange, retries: RetryPolicy): AttemptResult {
  const errorCode = exchange.errorCode ?? refusalOf(exchange.statusCode);
  const counted = errorCode !== null && errorCode !== 'interrupted';
  const failures = delivery.failures + (counted ? 1 : 0);
  return {
    deliveryId: delivery.id,
    eventId: delivery.eventId,
    number: delivery.attempts + 1,
    startedAt: exchange.startedAt,
    durationMs: exchange.durationMs,
    statusCode: exchange.statusCode,
    errorCode,
    responseExcerpt: exchange.responseExcerpt,
    replay: delivery.replay,
    failures,
    verdict: verdict(errorCode, failures, retries),
  };
}

function refusalOf(statusCode: number | null): string | null {
  if (statusCode !== null && statusCode >= 200 && statusCode < 300) return null;
  return statusCode !== null && statusCode >= 300 && statusCode < 400 ? 'redirect' : 'http_status';
}

function verdict(errorCode: string | null, failures: number, retries: RetryPolicy): Verdict {
  if (errorCode === null) return { status: 'delivered' };
  if (errorCode === 'interrupted') return { status: 'pending', nextAttemptAt: new Date() };
  const delayMs = retryDelayMs(retries, failures);
  return delayMs === null ? { status: 'dead' } : { status: 'retrying', nextAttemptAt: new Date(Date.now() + delayMs) };
}
