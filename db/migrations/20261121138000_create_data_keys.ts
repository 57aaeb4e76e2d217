import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Data keys of the organizations, derived keys of the installation, and the rotations of both and of the master key. */
export async function up(knex: Knex): Promise<void> {
  await createDataKeys(knex);
  await createDerivedKeys(knex);
  await createRotations(knex);
  // A rotation re-encrypts as artisan_system.
  for (const table of ['webhook_endpoints', 'webhook_secrets', 'idempotency_keys', 'payload_erasures', 'audit_keys'])
    await knex.raw(`GRANT SELECT, UPDATE ON ${table} TO artisan_system`);
}

// `written_in`: a key that may still be rolled back must not stay in a process's memory.
async function createDataKeys(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'data_keys',
    columns: `
      id uuid NOT NULL,
      wrapped bytea NOT NULL,
      state text NOT NULL CHECK (state IN ('pending', 'active', 'retired')),
      written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
      created_at timestamptz NOT NULL DEFAULT now(),
      retired_at timestamptz,
      CHECK ((state = 'retired') = (retired_at IS NOT NULL))`,
    app: 'SELECT, INSERT',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw("CREATE UNIQUE INDEX data_keys_one_active ON data_keys (org_id) WHERE state = 'active'");
  await knex.raw("CREATE UNIQUE INDEX data_keys_one_pending ON data_keys (org_id) WHERE state = 'pending'");
  await knex.raw(`CREATE FUNCTION notify_data_keys_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  PERFORM pg_notify('data_keys_changed', (coalesce(NEW, OLD)).org_id::text);
  RETURN NULL;
END
$body$`);
  await knex.raw(`CREATE TRIGGER notify_data_keys_change AFTER INSERT OR UPDATE OF state OR DELETE ON data_keys
    FOR EACH ROW EXECUTE FUNCTION notify_data_keys_change()`);
}

async function createDerivedKeys(knex: Knex): Promise<void> {
  await knex.raw(
    'CREATE TABLE derived_keys (purpose text PRIMARY KEY, sealed bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  );
  await knex.raw('GRANT SELECT, INSERT ON derived_keys TO artisan_app');
  await knex.raw('GRANT SELECT, UPDATE ON derived_keys TO artisan_system');
}

/** `key_id`: the master key's id, or the data key's. `position` is where the pass over all sealed columns stands. */
async function createRotations(knex: Knex): Promise<void> {
  await knex.raw(`CREATE TABLE encryption_key_rotations (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('master', 'data')),
    organization_id uuid,
    key_id text NOT NULL,
    phase text NOT NULL CHECK (phase IN ('activate', 'reseal')),
    position jsonb,
    pass int NOT NULL DEFAULT 1,
    pass_outdated bigint NOT NULL DEFAULT 0,
    pass_unreadable bigint NOT NULL DEFAULT 0,
    examined bigint NOT NULL DEFAULT 0,
    resealed bigint NOT NULL DEFAULT 0,
    outcome text CHECK (outcome IN ('done', 'incomplete')),
    next_step_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK ((kind = 'data') = (organization_id IS NOT NULL)),
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
  )`);
  await knex.raw(`CREATE UNIQUE INDEX key_rotations_one_at_a_time ON encryption_key_rotations (kind, organization_id) NULLS NOT DISTINCT
    WHERE finished_at IS NULL`);
  await knex.raw('GRANT SELECT, INSERT, UPDATE ON encryption_key_rotations TO artisan_system');
}
