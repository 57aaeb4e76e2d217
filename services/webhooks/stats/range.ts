import { AppError } from '../../errors/AppError.ts';
import { PLAN_LIMITS } from '../../plans.ts';
import type { Plan } from '../../plans.ts';
import { KEPT_DAYS } from './forget.ts';
import { floorTo, WIDTH_MS } from './floorTo.ts';
import type { Resolution } from './floorTo.ts';

export const MAX_POINTS = 1_500;
/** Points of an answer that no `from` was given for. */
const DEFAULT_POINTS: Record<Resolution, number> = { minute: 60, hour: 24, day: 30 };
const NAMES: Record<Resolution, string> = { minute: 'minutes', hour: 'hours', day: 'days' };

export interface StatsQuery {
  interval: Resolution;
  /** null: so many points before the end. */
  from: Date | null;
  /** null: now. */
  to: Date | null;
}

/** Whole intervals: `from` is the begin of the first, `to` the end of the last. */
export interface StatsRange {
  interval: Resolution;
  from: Date;
  to: Date;
}

/** Widens what is asked for to whole intervals, up to the one that is under way. Throws validation_failed. */
export function resolveRange({ interval, from, to }: StatsQuery, plan: Plan, now: Date): StatsRange {
  const width = WIDTH_MS[interval];
  const floor = (time: Date): number => floorTo(interval, time).getTime();
  const ceil = (time: Date): number => floor(new Date(time.getTime() + width - 1));
  if (from !== null && to !== null && from >= to) throw refused('query.from', 'must be before `to`');
  if (from !== null && from > now) throw refused('query.from', 'must not be in the future');
  const end = Math.min(to === null ? Infinity : ceil(to), floor(now) + width);
  const start = from === null ? end - DEFAULT_POINTS[interval] * width : floor(from);
  const points = Math.round((end - start) / width);
  const kept = interval === 'day' ? PLAN_LIMITS[plan].webhookStatsDays : KEPT_DAYS[interval];
  if (start < floor(new Date(now.getTime() - kept * WIDTH_MS.day))) {
    const place = from === null ? 'query.to' : 'query.from';
    throw refused(place, `reaches too far back: ${NAMES[interval]} are kept for ${kept.toLocaleString('en')} days`);
  }
  if (points > MAX_POINTS) {
    throw refused('query.from', `is ${points.toLocaleString('en')} ${NAMES[interval]} before \`to\`: one answer has at most 1,500`);
  }
  return { interval, from: new Date(start), to: new Date(end) };
}

const refused = (location: string, message: string): AppError => new AppError('validation_failed', { fields: [{ location, message }] });
