import type pg from 'pg';
import type { Answer } from '../flight.ts';
import { prepared } from '../prepared.ts';
import type { Sender } from '../prepared.ts';

export const BY_KEY = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
  set_config('enable_bitmapscan', 'off', true)`;

const set = new WeakSet<Sender>();

/**
 * Like `prepared`, for statements that find their rows by key, whatever the values and the statistics are. They keep one plan: made for each
 * call it took up to two milliseconds, and for an organization that the last ANALYZE had not seen it read all of its rows. And they read by
 * index alone, and mark the entries of rows that are gone, which a bitmap scan does not. What follows in the transaction is planned so too.
 */
export async function preparedByKey<R extends pg.QueryResultRow>(
  sender: Sender,
  name: string,
  text: string,
  values: unknown[],
): Promise<Answer<R>> {
  const settings = set.has(sender) ? undefined : prepared(sender, 'plan-by-key', BY_KEY, []);
  set.add(sender);
  const [answer] = await Promise.all([prepared<R>(sender, name, text, values), settings]);
  return answer;
}
