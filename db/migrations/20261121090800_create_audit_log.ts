import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/**
 * The audit log: leaf and body are for ever and append-only; disclosures, links and the searchable view can be erased for a
 * data subject without changing a leaf. All but the keys are cut by the entry's UUIDv7.
 */
export async function up(knex: Knex): Promise<void> {
  await createTrail(knex);
  await createErasable(knex);
  await createTenantTable(knex, { ...OF_ENTRIES, name: 'audit_view', columns: VIEW_COLUMNS, primaryKey: '(org_id, entry_id)' });
  await createTenantTable(knex, {
    name: 'audit_keys',
    columns: `
      subject_ref text NOT NULL,
      sealed_key bytea NOT NULL,
      created_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
      created_at timestamptz NOT NULL DEFAULT now()`,
    primaryKey: '(org_id, subject_ref)',
    app: 'SELECT, INSERT',
    system: 'SELECT, INSERT',
  });
}

const OF_ENTRIES = { partitionBy: 'entry_id', organizationKey: false, app: 'SELECT, INSERT', system: 'SELECT, INSERT' };

// xid orders entries by commit when they are sealed: neither time nor a sequence does.
async function createTrail(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    ...OF_ENTRIES,
    name: 'audit_leaf',
    columns: `
      id uuid NOT NULL,
      at timestamptz NOT NULL,
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      class text NOT NULL,
      leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)`,
    partitionBy: 'id',
    appendOnly: true,
  });
  await createTenantTable(knex, {
    ...OF_ENTRIES,
    name: 'audit_body',
    columns: `
      entry_id uuid NOT NULL,
      leaf_data bytea NOT NULL CHECK (octet_length(leaf_data) <= 65535)`,
    primaryKey: '(org_id, entry_id)',
    appendOnly: true,
  });
}

async function createErasable(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    ...OF_ENTRIES,
    name: 'audit_disclosure',
    columns: `
      entry_id uuid NOT NULL,
      path text NOT NULL,
      subject_ref text NOT NULL,
      enc_disclosure bytea NOT NULL`,
    primaryKey: '(org_id, entry_id, path)',
  });
  await createTenantTable(knex, {
    ...OF_ENTRIES,
    name: 'audit_subject_links',
    columns: `
      subject_ref text NOT NULL,
      entry_id uuid NOT NULL`,
    primaryKey: '(org_id, subject_ref, entry_id)',
  });
}

const VIEW_COLUMNS = `
  entry_id uuid NOT NULL,
  at timestamptz NOT NULL,
  action text NOT NULL,
  category text NOT NULL,
  severity text NOT NULL,
  outcome text NOT NULL,
  reason text,
  actor_type text NOT NULL,
  actor_id text NOT NULL,
  actor_name text,
  actor_ip inet,
  user_agent text,
  target_type text,
  target_id text,
  request_id text,
  workflow_id text`;
