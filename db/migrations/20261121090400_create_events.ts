import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** What happened, once. `payload` is the exact text that is signed and posted, so it is never rebuilt from JSON. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'events',
    columns: `
      id uuid NOT NULL,
      workspace_id uuid,
      type text NOT NULL,
      occurred_at timestamptz NOT NULL,
      payload text NOT NULL,
      channels text[] NOT NULL DEFAULT '{}',
      deliveries int NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now()`,
    partitionBy: 'id',
    organizationKey: false,
    app: 'SELECT, INSERT',
    system: 'SELECT',
  });
}
