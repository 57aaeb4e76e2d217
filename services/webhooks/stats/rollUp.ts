import type { Transaction } from 'objection';
import { addUp, rollUpMinutes } from '../../../db/queries/rollUpMinutes.ts';
import { floorTo } from './floorTo.ts';

/**
 * Longer than an id is older than the transaction that stores it: clocks of machines that differ, and the moment between making ids and
 * the first write.
 */
const MARGIN_MS = 60_000;
/** No transaction of ours lives this long (statement and idle timeouts); one of somebody else must not keep minutes open for ever. */
const WAIT_AT_MOST_MS = 15 * 60_000;

/** What one pass over the attempts starts from. */
export interface Pass {
  from: Date;
  /** Minutes that end by then are complete: every transaction that could still add to them has ended. */
  sealBefore: Date;
  /** Minutes that end by then are over. */
  until: Date;
}

interface Progress {
  sealed_until: Date;
  marked_at: Date | null;
  now: Date;
  /** Every transaction that had written by `marked_at` has ended. */
  passed: boolean | null;
}

/** Reads where to begin, and leaves the mark that a later pass goes by. */
export async function beginPass(trx: Transaction): Promise<Pass> {
  const { rows } = await trx.raw<{ rows: [Progress] }>(
    `SELECT sealed_until, marked_at, now() AS now, pg_snapshot_xmin(pg_current_snapshot()) >= marked_xid AS passed
       FROM webhook_stats_progress FOR UPDATE`,
  );
  const [{ sealed_until: from, marked_at: markedAt, now, passed }] = rows;
  if (passed !== false) {
    // Ids of transactions are given out in order: whoever wrote before has a smaller one. (A snapshot's xmax does not say that.)
    await trx.raw('UPDATE webhook_stats_progress SET marked_at = now(), marked_xid = pg_current_xact_id()');
  }
  const complete = passed === true && markedAt !== null ? markedAt.getTime() - MARGIN_MS : -Infinity;
  const sealBefore = new Date(Math.max(complete, now.getTime() - WAIT_AT_MOST_MS));
  return { from, sealBefore: floorTo('minute', sealBefore), until: floorTo('minute', now) };
}

/**
 * Counts the minutes from `from` to `to`, which follow what this pass has counted before, and seals those that are complete: their hours
 * and days are added up, and they are never read again. All or nothing; passes that run at the same time wait for each other.
 * Returns how many attempts it read.
 */
export async function rollUp(trx: Transaction, { from, to, sealBefore }: { from: Date; to: Date; sealBefore: Date }): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ sealed_until: Date }] }>('SELECT sealed_until FROM webhook_stats_progress FOR UPDATE');
  const [{ sealed_until: sealed }] = rows;
  const attempts = await rollUpMinutes(trx, from, to);
  const seal = new Date(Math.max(sealed.getTime(), Math.min(to.getTime(), sealBefore.getTime())));
  await addUp(trx, { finer: 'minute', coarser: 'hour', from: floorTo('hour', sealed), to: floorTo('hour', seal) });
  await addUp(trx, { finer: 'hour', coarser: 'day', from: floorTo('day', sealed), to: floorTo('day', seal) });
  await trx.raw('UPDATE webhook_stats_progress SET sealed_until = ?, rolled_until = greatest(rolled_until, ?::timestamptz)', [seal, to]);
  return attempts;
}
