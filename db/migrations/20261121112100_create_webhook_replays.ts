import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Replays of many deliveries: what was asked for and how far it is, also when Temporal no longer remembers. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'webhook_replays',
    columns: `
      id uuid NOT NULL,
      endpoint_id uuid NOT NULL,
      status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'paused', 'completed', 'cancelled')),
      reason text,
      since timestamptz,
      until timestamptz NOT NULL,
      event_types text[],
      statuses text[] NOT NULL,
      per_second int NOT NULL CHECK (per_second > 0),
      matching int NOT NULL,
      replayed int NOT NULL DEFAULT 0,
      position uuid,
      next_batch_at timestamptz NOT NULL DEFAULT now(),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz`,
    parents: { endpoint_id: 'webhook_endpoints' },
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  await knex.raw('CREATE UNIQUE INDEX webhook_replays_unfinished ON webhook_replays (org_id, endpoint_id) WHERE finished_at IS NULL');
}
