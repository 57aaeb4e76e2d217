import type { Knex } from 'knex';
import { nameOf, SEALED_COLUMNS } from '../crypto/sealedColumns.ts';

/** How many values of a column a key sealed. */
export interface SealedCount {
  /** `table.column` */
  column: string;
  /** A master key's id; null for all data keys together. */
  keyId: string | null;
  values: number;
}

/** Reads every sealed value's header, over all organizations: for an operator's command. `system`: pool of artisan_system. */
export async function countSealed(system: Knex): Promise<SealedCount[]> {
  const counts: SealedCount[] = [];
  for (const sealed of SEALED_COLUMNS) {
    const { table, column } = sealed;
    const { rows } = await system.raw<{ rows: { key_id: string | null; values: number }[] }>(
      `SELECT ${masterKeyIdOf(`"${column}"`)} AS key_id, count(*) AS values
         FROM ${table} WHERE "${column}" IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    counts.push(...rows.map(({ key_id: keyId, values }) => ({ column: nameOf(sealed), keyId, values })));
  }
  return counts;
}

/** As envelope.ts reads it. Whatever was written over an envelope, no statement fails for it. */
const masterKeyIdOf = (column: string): string => `CASE
  WHEN octet_length(${column}) < 3 THEN NULL
  WHEN get_byte(${column}, 0) = 1 THEN encode(substring(${column} FROM 3 FOR get_byte(${column}, 1)), 'escape') END`;
