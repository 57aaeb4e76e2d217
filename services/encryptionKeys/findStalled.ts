import type { Transaction } from 'objection';

/** Rotations (uuids) that nobody works on: the command died before it started the workflow, or Temporal lost its store. Runs as `artisan_system`. */
export async function findStalledKeyRotations(trx: Transaction, options: { overdueMs: number }): Promise<string[]> {
  const rows = await trx('encryption_key_rotations')
    .whereNull('finished_at')
    .whereRaw("greatest(updated_at, next_step_at) < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .select<{ id: string }[]>('id');
  return rows.map(({ id }) => id);
}
