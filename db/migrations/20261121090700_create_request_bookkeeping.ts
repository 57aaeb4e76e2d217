import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

const SHORT_LIVED = 'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500';

/** What a request leaves behind for later: work to announce, its answer for a repeat, its count against a limit. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'outbox',
    columns: `
      id uuid NOT NULL,
      topic text NOT NULL,
      subject_id uuid NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      claimed_until timestamptz`,
    organizationKey: false,
    storage: SHORT_LIVED,
    app: 'SELECT, INSERT, DELETE',
    system: 'SELECT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX outbox_oldest ON outbox (created_at)');
  await createIdempotencyKeys(knex);
  await createRateLimits(knex);
}

async function createIdempotencyKeys(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'idempotency_keys',
    columns: `
      credential_id uuid NOT NULL,
      route text NOT NULL,
      key text NOT NULL,
      fingerprint bytea NOT NULL,
      state text NOT NULL CHECK (state IN ('in_flight', 'done')),
      locked_until timestamptz,
      status int,
      sealed_answer bytea,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL`,
    primaryKey: '(org_id, credential_id, route, key)',
    organizationKey: false,
    storage: SHORT_LIVED,
    app: 'SELECT, INSERT, UPDATE, DELETE',
    system: 'SELECT, DELETE',
  });
  await knex.raw('CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at)');
}

// The shape that rate-limiter-flexible's RateLimiterPostgres expects. Counted before a tenant is known (addresses, key ids):
// not tenant data. UNLOGGED: counts may be forgotten in a crash, and need not be written ahead.
async function createRateLimits(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE UNLOGGED TABLE rate_limits (
      key varchar(255) PRIMARY KEY,
      points int NOT NULL DEFAULT 0,
      expire bigint
    ) WITH (fillfactor = 50, ${SHORT_LIVED})`);
  await knex.raw('GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO artisan_app');
}
