import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { AttemptResult } from '../services/webhooks/record.ts';

/** Metrics of the worker process. No label ever names a tenant. */
export interface WorkerMetrics {
  registry: Registry;
  observeAttempt(result: AttemptResult): void;
  outboxForgotten: Counter;
  /** Set by the relay's sweep over all organizations. */
  backlog: Gauge;
  oldestPendingSeconds: Gauge;
}

const ATTEMPT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const attempts = new Counter({
    name: 'artisan_webhook_attempts_total',
    help: 'Attempts by what they led to',
    labelNames: ['outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'artisan_webhook_attempt_duration_seconds',
    help: 'One HTTP exchange, from connecting to the last byte read',
    buckets: ATTEMPT_SECONDS,
    registers,
  });
  return {
    registry,
    observeAttempt: (result) => {
      attempts.inc({ outcome: result.verdict.status === 'pending' ? 'interrupted' : result.verdict.status });
      duration.observe(result.durationMs / 1_000);
    },
    outboxForgotten: new Counter({
      name: 'artisan_outbox_relayed_total',
      help: 'Wake-ups that the process which promised them did not make',
      registers,
    }),
    backlog: new Gauge({ name: 'artisan_deliveries_unfinished', help: 'Deliveries that are pending, in flight or retrying', registers }),
    oldestPendingSeconds: new Gauge({
      name: 'artisan_deliveries_oldest_due_seconds',
      help: 'How long the oldest due delivery has waited',
      registers,
    }),
  };
}
