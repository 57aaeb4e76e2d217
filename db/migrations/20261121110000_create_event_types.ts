import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Event types of an organization's own: a row is a version, and the newest one counts. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'event_types',
    // json, not jsonb: a schema is shown as it was written, in the order of its keys.
    columns: `
      id uuid NOT NULL,
      name text NOT NULL,
      version int NOT NULL CHECK (version > 0),
      description text,
      schema json,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (org_id, name, version)`,
    app: 'SELECT, INSERT',
    system: 'SELECT',
  });
}
