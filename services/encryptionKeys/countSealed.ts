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
      `SELECT CASE get_byte("${column}", 0) WHEN 1 THEN convert_from(substring("${column}" FROM 3 FOR get_byte("${column}", 1)), 'SQL_ASCII') END AS key_id,
              count(*) AS values
         FROM ${table} WHERE "${column}" IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    counts.push(...rows.map(({ key_id: keyId, values }) => ({ column: nameOf(sealed), keyId, values })));
  }
  return counts;
}
