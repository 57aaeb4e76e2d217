import type { Transaction } from 'objection';

/** The tables whose months retention drops as a whole. */
export type HistoryTable = 'events' | 'delivery_attempts';

export interface HistoryPartition {
  table: HistoryTable;
  /** First day of the month, `2026-11-01`. */
  month: string;
}

/** The month partitions that ended at or before `before`, the oldest first. Runs as `artisan_system`. */
export async function historyPartitions(trx: Transaction, before: Date): Promise<HistoryPartition[]> {
  const { rows } = await trx.raw<{ rows: HistoryPartition[] }>(
    `SELECT parent.relname AS table, replace(right(c.relname, 7), '_', '-') || '-01' AS month
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
      WHERE parent.relname IN ('events', 'delivery_attempts') AND parent.relnamespace = 'public'::regnamespace
        AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' AND right(c.relname, 7) < to_char(?::timestamptz AT TIME ZONE 'UTC', 'YYYY_MM')
      ORDER BY month, parent.relname DESC`,
    [before],
  );
  return rows;
}

/** How many rows of that month each organization has. Runs as `artisan_system`. */
export async function countByOrganization(
  trx: Transaction,
  { table, month }: HistoryPartition,
): Promise<{ orgId: string; rows: number }[]> {
  const first = new Date(`${month}T00:00:00Z`);
  const beyond = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1));
  const found = await trx(table)
    .whereRaw('id >= uuidv7_floor(?) AND id < uuidv7_floor(?)', [first, beyond])
    .groupBy('org_id')
    .select<{ orgId: string; rows: string }[]>('org_id as orgId', trx.raw('count(*) as rows'));
  return found.map(({ orgId, rows }) => ({ orgId, rows: Number(rows) }));
}
