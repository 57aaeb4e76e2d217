import type { Transaction } from 'objection';

export interface Backlog {
  unfinished: number;
  /** 0 when nothing is due. */
  oldestDueSeconds: number;
}

/** Over all organizations; runs as `artisan_system`. */
export async function measureBacklog(trx: Transaction): Promise<Backlog> {
  const { rows } = await trx.raw<{ rows: Backlog[] }>(
    `SELECT count(*)::int AS unfinished, greatest(0, coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0))::float AS "oldestDueSeconds"
       FROM deliveries WHERE next_attempt_at IS NOT NULL`,
  );
  return rows[0] ?? { unfinished: 0, oldestDueSeconds: 0 };
}
