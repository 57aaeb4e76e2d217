import type { StatsSources } from '../../../db/queries/readStats.ts';
import { floorTo } from './floorTo.ts';
import type { StatsRange } from './range.ts';

/** Attempts that are not rolled up yet are counted one by one, but not more than these minutes of them. */
const LIVE_AT_MOST_MS = 15 * 60_000;

interface Progress {
  rolledUntil: Date;
  sealedUntil: Date;
  now: Date;
}

/**
 * Where the counts of a range lie: sealed days and hours, then minutes up to where they are rolled up, then the attempts themselves.
 * A coarser count is used only where it is final and the answer does not ask for finer ones.
 */
export function sourcesOf(
  { interval, from, to }: StatsRange,
  { rolledUntil, sealedUntil, now }: Progress,
): Pick<StatsSources, 'stored' | 'live'> & { completeUntil: Date } {
  const daysEnd = interval === 'day' ? floorTo('day', sealedUntil) : from;
  const hoursEnd = interval === 'minute' ? from : floorTo('hour', sealedUntil);
  const liveFrom = latest(rolledUntil, floorTo('minute', new Date(now.getTime() - LIVE_AT_MOST_MS)));
  const stored = [
    { resolution: 'day' as const, from, to: earliest(to, daysEnd) },
    { resolution: 'hour' as const, from: latest(from, daysEnd), to: earliest(to, hoursEnd) },
    { resolution: 'minute' as const, from: latest(from, daysEnd, hoursEnd), to: earliest(to, rolledUntil) },
  ];
  const live = { from: latest(from, liveFrom), to };
  return {
    stored: stored.filter((span) => span.from < span.to),
    live: live.from < live.to ? live : null,
    completeUntil: earliest(to, liveFrom > rolledUntil ? rolledUntil : now),
  };
}

const latest = (...times: [Date, ...Date[]]): Date => times.reduce((a, b) => (b > a ? b : a));
const earliest = (...times: [Date, ...Date[]]): Date => times.reduce((a, b) => (b < a ? b : a));
