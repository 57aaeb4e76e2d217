import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Attempts counted by minute, hour and day: what `webhooks.stats` reads, kept longer than the attempts. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'webhook_stats',
    columns: `
      resolution text NOT NULL CHECK (resolution IN ('minute', 'hour', 'day')),
      starts_at timestamptz NOT NULL,
      endpoint_id uuid NOT NULL,
      attempts int NOT NULL,
      succeeded int NOT NULL,
      failed int NOT NULL,
      first_attempts int NOT NULL,
      duration_ms_sum bigint NOT NULL,
      error_codes text[] NOT NULL,
      status_classes smallint[] NOT NULL,
      result_counts int[] NOT NULL,
      duration_buckets smallint[] NOT NULL,
      duration_counts int[] NOT NULL`,
    primaryKey: '(org_id, resolution, starts_at, endpoint_id)',
    organizationKey: false,
    app: 'SELECT',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX webhook_stats_of_endpoint ON webhook_stats (org_id, endpoint_id, resolution, starts_at)');
  await createProgress(knex);
  // Attempts come in the order of their ids, so a few bytes for each megabyte find a minute of them, and an insert pays next to nothing.
  await knex.raw('CREATE INDEX delivery_attempts_by_time ON delivery_attempts USING brin (id) WITH (autosummarize = on)');
}

// One row for the installation. Counting begins with the oldest attempt's partition where there are attempts, else now.
async function createProgress(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE webhook_stats_progress (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      sealed_until timestamptz NOT NULL,
      rolled_until timestamptz NOT NULL,
      marked_at timestamptz,
      marked_xid xid8
    )`);
  await knex.raw('GRANT SELECT ON webhook_stats_progress TO artisan_app');
  await knex.raw('GRANT SELECT, UPDATE ON webhook_stats_progress TO artisan_system');
  const start = (await hasAttempts(knex)) ? `date_trunc('month', now() - interval '3 months', 'UTC')` : `date_trunc('minute', now())`;
  await knex.raw(`INSERT INTO webhook_stats_progress (sealed_until, rolled_until) VALUES (${start}, ${start})`);
}

async function hasAttempts(knex: Knex): Promise<boolean> {
  await knex.raw('SET LOCAL ROLE artisan_system');
  const { rows } = await knex.raw<{ rows: [{ found: boolean }] }>('SELECT EXISTS (SELECT FROM delivery_attempts) AS found');
  await knex.raw('RESET ROLE');
  return rows[0].found;
}
