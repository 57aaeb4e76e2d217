import type { z } from 'zod';
import type { Counts, WebhookStats } from '../../../../services/webhooks/stats/get.ts';
import type { StatsQuery as Query } from '../../../../services/webhooks/stats/range.ts';
import type { AttemptStats, StatsQuery } from './statsSchemas.ts';

export const fromStatsQuery = ({ interval, from, to }: z.output<typeof StatsQuery>): Query => ({
  interval,
  from: from ?? null,
  to: to ?? null,
});

export function presentStats({ interval, from, to, completeUntil, totals, series }: WebhookStats): z.input<typeof AttemptStats> {
  return {
    interval,
    from: from.toISOString(),
    to: to.toISOString(),
    complete_until: completeUntil.toISOString(),
    totals: {
      ...presentCounts(totals),
      by_error_code: tally(totals.results.flatMap(([code, , count]) => (code === null ? [] : [[code, count]]))),
      by_status_class: tally(totals.results.map(([, hundreds, count]) => [hundreds === null ? 'none' : `${hundreds}xx`, count])),
    },
    series: series.map((point) => ({ start: point.start.toISOString(), ...presentCounts(point) })),
  };
}

function presentCounts({ attempts, succeeded, failed, interrupted, successRate, started, durations }: Counts) {
  return { attempts, succeeded, failed, interrupted, success_rate: successRate, deliveries: started, duration_ms: durations };
}

function tally(entries: [name: string, count: number][]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of entries) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
