import type { Transaction } from 'objection';
import type { SealedColumn } from '../crypto/sealedColumns.ts';

export interface Replacement {
  key: Record<string, string>;
  before: Buffer;
  after: Buffer;
}

/**
 * Writes the new envelopes over exactly the old ones. What somebody changed or locked meanwhile is left alone, without waiting for it:
 * the next pass finds it. Returns how many rows were written.
 */
export async function replaceSealed(trx: Transaction, { table, column, key }: SealedColumn, replacements: Replacement[]): Promise<number> {
  if (replacements.length === 0) return 0;
  const names = Object.keys(key);
  const columns = names.map((name) => `"${name}"`).join(', ');
  const arrays = Object.values(key).map((type) => `?::${type}[]`);
  const same = names.map((name) => `stored."${name}" = renewed."${name}"`).join(' AND ');
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `WITH renewed AS (SELECT * FROM unnest(${arrays.join(', ')}, ?::bytea[], ?::bytea[]) AS renewed (${columns}, before, after)),
          held AS (SELECT ${names.map((name) => `stored."${name}"`).join(', ')} FROM ${table} AS stored JOIN renewed ON ${same}
                    WHERE stored."${column}" = renewed.before FOR NO KEY UPDATE OF stored SKIP LOCKED)
     UPDATE ${table} AS stored SET "${column}" = renewed.after
       FROM renewed JOIN held USING (${columns}) WHERE ${same} AND stored."${column}" = renewed.before`,
    [
      ...names.map((name) => replacements.map((row) => row.key[name]!)),
      replacements.map(({ before }) => before),
      replacements.map(({ after }) => after),
    ],
  );
  return rowCount;
}
