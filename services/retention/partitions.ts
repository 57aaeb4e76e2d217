import type { Knex } from 'knex';
import { countByOrganization, historyPartitions } from '../../db/queries/historyPartitions.ts';
import type { HistoryPartition } from '../../db/queries/historyPartitions.ts';
import { noteRemoval } from './removals.ts';

/** Rows of a month without a partition of its own lie in the DEFAULT one and cannot be dropped: so many months are made ahead. */
const MONTHS_AHEAD = 12;
/** A month may hold millions of rows to be counted. */
const COUNT_TIMEOUT_MS = 10 * 60_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Makes the partitions of the coming months; returns how many. Runs as `artisan_system`. */
export async function ensurePartitions(system: Knex): Promise<number> {
  const { rows } = await system.raw<{ rows: [{ made: number }] }>('SELECT ensure_partitions(0, ?) AS made', [MONTHS_AHEAD]);
  return rows[0].made;
}

export interface DroppedPartitions {
  /** `events_2025_01` */
  dropped: string[];
  /** Those that hold something unfinished, or whose table was not free for a second. The rows around it are removed one by one. */
  kept: string[];
}

/**
 * Drops the months of events and attempts that ended before `before`, and notes for each organization what it lost with them.
 * Runs as `artisan_system`; safe to repeat.
 */
export async function dropPartitions(system: Knex, before: Date): Promise<DroppedPartitions> {
  const result: DroppedPartitions = { dropped: [], kept: [] };
  for (const partition of await system.transaction((trx) => historyPartitions(trx, before))) {
    const list = (await drop(system, partition, before)) ? result.dropped : result.kept;
    list.push(`${partition.table}_${partition.month.slice(0, 7).replace('-', '_')}`);
  }
  return result;
}

async function drop(system: Knex, partition: HistoryPartition, before: Date): Promise<boolean> {
  try {
    return await system.transaction(async (trx) => {
      await trx.raw("SELECT set_config('statement_timeout', ?, true)", [String(COUNT_TIMEOUT_MS)]);
      // Counted before the table is locked: nobody writes into a month that ended a year ago, and publishers need not wait for a count.
      const lost = await countByOrganization(trx, partition);
      const { rows } = await trx.raw<{ rows: [{ dropped: boolean }] }>('SELECT drop_history_partition(?, ?) AS dropped', [
        partition.table,
        partition.month,
      ]);
      if (!rows[0].dropped) return false;
      for (const { orgId, rows: count } of lost) {
        await noteRemoval(trx, orgId, before, partition.table === 'events' ? { events: count } : { attempts: count });
      }
      return true;
    });
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
