import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

// A claim changes only columns without an index and finds room in the page, so it writes no index entry (HOT). With half the page free
// an insert, claim and finish wrote 17 % less WAL than with 30 % free, and the table ended up smaller.
const CHURN = [
  'fillfactor = 50',
  'autovacuum_vacuum_scale_factor = 0.02',
  'autovacuum_vacuum_threshold = 1000',
  'autovacuum_vacuum_cost_delay = 1',
  'autovacuum_analyze_scale_factor = 0.05',
].join(', ');

/** One event to one endpoint, and every attempt of it. */
export async function up(knex: Knex): Promise<void> {
  await createDeliveries(knex);
  // Reached through the delivery only, so one index serves: db/queries/listAttempts.ts leaves out the months before the delivery.
  await createTenantTable(knex, {
    name: 'delivery_attempts',
    columns: `
      id uuid NOT NULL,
      delivery_id uuid NOT NULL,
      endpoint_id uuid NOT NULL,
      event_id uuid NOT NULL,
      number int NOT NULL,
      started_at timestamptz NOT NULL,
      duration_ms int NOT NULL,
      status_code int,
      error_code text,
      response_excerpt text,
      replay boolean NOT NULL DEFAULT false`,
    primaryKey: '(org_id, delivery_id, id)',
    partitionBy: 'id',
    appendOnly: true,
    organizationKey: false,
    app: 'SELECT, INSERT',
    system: 'SELECT',
  });
}

// No foreign key to events: their partitions are dropped by retention.
async function createDeliveries(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'deliveries',
    columns: `
      id uuid NOT NULL,
      event_id uuid NOT NULL,
      event_type text NOT NULL,
      endpoint_id uuid NOT NULL,
      status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_flight', 'retrying', 'delivered', 'dead', 'cancelled')),
      attempts int NOT NULL DEFAULT 0,
      failures int NOT NULL DEFAULT 0,
      next_attempt_at timestamptz,
      claimed_until timestamptz,
      claim_id uuid,
      last_status_code int,
      last_error_code text,
      created_at timestamptz NOT NULL DEFAULT now(),
      delivered_at timestamptz,
      replay boolean NOT NULL DEFAULT false,
      UNIQUE (org_id, event_id, endpoint_id)`,
    parents: { endpoint_id: 'webhook_endpoints' },
    organizationKey: false,
    storage: CHURN,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  await knex.raw('CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL');
  await knex.raw('CREATE INDEX deliveries_of_endpoint ON deliveries (org_id, endpoint_id, id)');
}
