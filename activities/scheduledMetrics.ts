import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

/** Of work that no request asks for. What has been overdue for how long is measured in Postgres, where it outlives the process. */
export interface ScheduledMetrics {
  /** Sweeps that have looked at every key. */
  keySweeps: Counter;
  keysSwept: Counter<'outcome'>;
  domainChecks: Counter<'outcome'>;
}

export function createScheduledMetrics(registers: Registry[]): ScheduledMetrics {
  const byOutcome = (name: string, help: string, outcomes: string[]): Counter<'outcome'> => {
    const counter = new Counter({ name, help, labelNames: ['outcome'], registers });
    // There from the start: Prometheus sees no increase in a series that begins with it.
    for (const outcome of outcomes) counter.inc({ outcome }, 0);
    return counter;
  };
  return {
    keySweeps: new Counter({ name: 'artisan_key_sweeps_total', help: 'Sweeps that have looked at every API key', registers }),
    keysSwept: byOutcome('artisan_keys_swept_total', 'API keys by what a sweep did with them', ['announced', 'rotated', 'failed']),
    domainChecks: byOutcome('artisan_domain_checks_total', 'Looks for the record of a verified domain, by what came of them', [
      'proven',
      'missing',
      'unreachable',
    ]),
  };
}
