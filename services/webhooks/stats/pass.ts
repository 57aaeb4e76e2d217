import type { Knex } from 'knex';
import { forgetOldStats } from './forget.ts';
import { WIDTH_MS } from './floorTo.ts';
import { beginPass, rollUp } from './rollUp.ts';

/** Attempts that one transaction should read, about: some tenths of a second. */
const FEW = 50_000;
const MANY = 500_000;
const MOST_MINUTES = 1_440;
const FORGET_AT_ONCE = 5_000;

interface PassOptions {
  /** Called before each transaction. */
  onStep?: () => void;
  /** Ends the pass after the transaction that is under way; the next pass goes on from there. */
  stop?: AbortSignal;
}

/**
 * Counts all attempts of minutes that are over and not sealed, a few minutes in each transaction, and deletes counts beyond their time.
 * `system` is the pool of artisan_system. Safe to repeat and to interrupt at any point. Resolves to the end of the last minute counted.
 */
export async function passOverAttempts(system: Knex, { onStep, stop }: PassOptions = {}): Promise<Date> {
  onStep?.();
  const { from: begin, sealBefore, until } = await system.transaction(beginPass);
  let minutes = 5;
  let from = begin;
  while (from < until && !stop?.aborted) {
    onStep?.();
    const to = new Date(Math.min(until.getTime(), from.getTime() + minutes * WIDTH_MS.minute));
    const attempts = await system.transaction((trx) => rollUp(trx, { from, to, sealBefore }));
    if (attempts < FEW) minutes = Math.min(MOST_MINUTES, minutes * 4);
    else if (attempts > MANY) minutes = Math.max(1, Math.floor(minutes / 4));
    from = to;
  }
  onStep?.();
  await system.transaction((trx) => forgetOldStats(trx, { now: new Date(), limit: FORGET_AT_ONCE }));
  return from;
}
