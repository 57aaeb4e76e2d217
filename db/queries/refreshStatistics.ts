import type { Knex } from 'knex';

/** Asks Postgres to look at `deliveries` again when many rows changed. As `artisan_system`. Returns whether it did. */
export async function refreshStatistics(system: Knex): Promise<boolean> {
  const { rows } = await system.raw<{ rows: { refreshed: boolean }[] }>('SELECT refresh_statistics() AS refreshed');
  return rows[0]?.refreshed ?? false;
}
