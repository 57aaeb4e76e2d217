import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

// The counters are raised at every flush of results: half a page free lets those updates stay in the page (HOT).
const UPDATED_OFTEN = 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200';

/** Where events go, and the secrets that sign them. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'webhook_endpoints',
    columns: ENDPOINT_COLUMNS,
    parents: { workspace_id: 'workspaces' },
    storage: UPDATED_OFTEN,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  await createTenantTable(knex, {
    name: 'webhook_secrets',
    columns: `
      id uuid NOT NULL,
      endpoint_id uuid NOT NULL,
      sealed bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz`,
    parents: { endpoint_id: 'webhook_endpoints' },
    app: 'SELECT, INSERT, UPDATE, DELETE',
    system: 'SELECT, UPDATE',
  });
  await knex.raw('CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (org_id, endpoint_id)');
}

const ENDPOINT_COLUMNS = `
  id uuid NOT NULL,
  workspace_id uuid,
  name text NOT NULL,
  url text NOT NULL,
  description text,
  event_types text[] NOT NULL,
  headers_sealed bytea,
  header_names text[] NOT NULL DEFAULT '{}',
  timeout_seconds int NOT NULL DEFAULT 30 CHECK (timeout_seconds BETWEEN 1 AND 300),
  max_retries int NOT NULL DEFAULT 5 CHECK (max_retries BETWEEN 0 AND 10),
  retry_delay_seconds int NOT NULL DEFAULT 60 CHECK (retry_delay_seconds >= 0),
  retry_schedule_seconds int[] NOT NULL DEFAULT '{}',
  rate_limit_per_second int CHECK (rate_limit_per_second > 0),
  max_in_flight int NOT NULL DEFAULT 10 CHECK (max_in_flight > 0),
  ordered boolean NOT NULL DEFAULT false,
  filter jsonb,
  channels text[] NOT NULL DEFAULT '{}',
  signature text NOT NULL DEFAULT 'v1' CHECK (signature IN ('v1', 'v1a')),
  public_keys text[] NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'failing', 'disabled')),
  delivered_count bigint NOT NULL DEFAULT 0,
  failed_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz`;
