import type { Transaction } from 'objection';
import { PLANS, PLAN_LIMITS } from '../../plans.ts';
import { floorTo, WIDTH_MS } from './floorTo.ts';
import type { Resolution } from './floorTo.ts';

/** How far back an answer by minute or by hour may reach. Days are kept as the plan says. */
export const KEPT_DAYS = { minute: 7, hour: 90 } as const;

/**
 * Deletes counts beyond their time, at most `limit` of each kind; counts that are still to be added up stay, however old.
 * Runs as `artisan_system` over all organizations. Returns how many went.
 */
export async function forgetOldStats(trx: Transaction, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const progress = await trx('webhook_stats_progress').first<{ sealed_until: Date }>('sealed_until');
  const sealed = progress.sealed_until;
  const minutes = oldest(floorTo('hour', sealed), before(now, KEPT_DAYS.minute));
  const hours = oldest(floorTo('day', sealed), before(now, KEPT_DAYS.hour));
  const days = PLANS.map((plan) => before(now, PLAN_LIMITS[plan].webhookStatsDays));
  return (
    (await forget(
      trx,
      'minute',
      PLANS.map(() => minutes),
      limit,
    )) +
    (await forget(
      trx,
      'hour',
      PLANS.map(() => hours),
      limit,
    )) +
    (await forget(trx, 'day', days, limit))
  );
}

/** A day more than an answer may reach back, so that what is asked for does not go in the meantime. */
const before = (now: Date, days: number): Date => new Date(now.getTime() - (days + 1) * WIDTH_MS.day);

const oldest = (a: Date, b: Date): Date => (a < b ? a : b);

/** `ends` are in the order of PLANS. */
async function forget(trx: Transaction, resolution: Resolution, ends: Date[], limit: number): Promise<number> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `DELETE FROM webhook_stats AS s USING (
       SELECT old.* FROM organizations AS o JOIN unnest(?::text[], ?::timestamptz[]) AS kept (plan, since) ON kept.plan = o.plan,
         LATERAL (SELECT org_id, starts_at, endpoint_id FROM webhook_stats
                   WHERE org_id = o.id AND resolution = ? AND starts_at < kept.since ORDER BY starts_at LIMIT ?) AS old
        LIMIT ?) AS old
      WHERE s.org_id = old.org_id AND s.resolution = ? AND s.starts_at = old.starts_at AND s.endpoint_id = old.endpoint_id`,
    [[...PLANS], ends, resolution, limit, limit, resolution],
  );
  return rowCount;
}
