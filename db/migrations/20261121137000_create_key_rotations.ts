import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Rotations of API keys, and what was told about a key, so that it is told once. */
export async function up(knex: Knex): Promise<void> {
  await createRotations(knex);
  await createTenantTable(knex, {
    name: 'key_notices',
    columns: `
      key_id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('expires_in_7_days', 'expires_in_1_day')),
      about timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()`,
    primaryKey: '(org_id, key_id, kind, about)',
    parents: { key_id: 'api_keys' },
    app: 'SELECT, INSERT',
    system: 'SELECT, DELETE',
  });
  await promiseAfterUse(knex);
  await knex.raw('ALTER TABLE api_keys ADD COLUMN rotated_at timestamptz');
  await replaceLookup(knex);
}

// ends_at: when the old key stops working as things stand, the same as its retires_at. sealed_key: the new key of a rotation that nobody
// asked for by a request, until somebody picks it up.
async function createRotations(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'key_rotations',
    columns: `
      id uuid NOT NULL,
      old_key_id uuid NOT NULL,
      new_key_id uuid NOT NULL,
      cause text NOT NULL CHECK (cause IN ('request', 'policy')),
      state text NOT NULL DEFAULT 'overlapping' CHECK (state IN ('overlapping', 'finished', 'aborted')),
      grace_ends_at timestamptz NOT NULL,
      retire_after_first_use_minutes int CHECK (retire_after_first_use_minutes >= 0),
      ends_at timestamptz NOT NULL,
      first_used_at timestamptz,
      sealed_key bytea,
      picked_up_at timestamptz,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      ended_at timestamptz,
      end_reason text CHECK (end_reason IN ('grace_over', 'new_key_used', 'expired', 'revoked', 'finished_early', 'aborted')),
      CHECK ((state = 'overlapping') = (ended_at IS NULL)),
      CHECK ((ended_at IS NULL) = (end_reason IS NULL))`,
    parents: { old_key_id: 'api_keys', new_key_id: 'api_keys' },
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  // Whatever comes at the same time, a key has one successor.
  await knex.raw("CREATE UNIQUE INDEX key_rotations_old_key ON key_rotations (org_id, old_key_id) WHERE state <> 'aborted'");
  await knex.raw('CREATE INDEX key_rotations_new_key ON key_rotations (org_id, new_key_id)');
  await knex.raw("CREATE INDEX key_rotations_overlapping ON key_rotations (ends_at) WHERE state = 'overlapping'");
}

// The new key was used for the first time, or one of both was revoked or given another end: the rotation's workflow must look. Whoever
// writes that (the flush of usage, a route, an operator's statement) promises it with the same commit.
async function promiseAfterUse(knex: Knex): Promise<void> {
  await knex.raw('GRANT INSERT ON outbox TO artisan_system');
  await knex.raw(`
    CREATE FUNCTION promise_key_rotation() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
    BEGIN
      INSERT INTO outbox (org_id, id, topic, subject_id)
      SELECT r.org_id, gen_random_uuid(), 'key.rotation', r.id FROM key_rotations r
      WHERE r.org_id = NEW.org_id AND (r.old_key_id = NEW.id OR r.new_key_id = NEW.id) AND r.state = 'overlapping';
      RETURN NULL;
    END
    $body$`);
  await knex.raw(`
    CREATE TRIGGER promise_key_rotation AFTER UPDATE OF first_used_at, revoked_at, expires_at ON api_keys FOR EACH ROW
    WHEN (OLD.first_used_at IS DISTINCT FROM NEW.first_used_at OR OLD.revoked_at IS DISTINCT FROM NEW.revoked_at
      OR OLD.expires_at IS DISTINCT FROM NEW.expires_at)
    EXECUTE FUNCTION promise_key_rotation()`);
}

// The lookup tells when a key was rotated, too: its holder is told (RFC 9745).
async function replaceLookup(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION find_api_key(text)');
  await knex.raw(FIND_API_KEY);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_api_key(text) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION find_api_key(text) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

const FIND_API_KEY = `
CREATE FUNCTION find_api_key(wanted_key_id text) RETURNS TABLE (
  id uuid, org_id uuid, workspace_id uuid, key_id text, digest bytea, hash_version int, name text, env text,
  owner_type text, owner_user_id uuid, scopes text[], prefix text, last4 text, rate_limit_per_hour int, allowed_ips text[],
  expires_at timestamptz, revoked_at timestamptz, created_at timestamptz, family_id uuid, rotated_at timestamptz, retires_at timestamptz, disabled_at timestamptz,
  org_plan text, org_deleted boolean, org_settings jsonb, owner_grants jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT k.id, k.org_id, k.workspace_id, k.key_id, k.digest, k.hash_version, k.name, k.env,
         k.owner_type, k.owner_user_id, k.scopes, k.prefix, k.last4, k.rate_limit_per_hour, k.allowed_ips,
         k.expires_at, k.revoked_at, k.created_at, k.family_id, k.rotated_at, k.retires_at, k.disabled_at,
         o.plan, o.deleted_at IS NOT NULL, o.settings, a.grants
  FROM public.api_keys k JOIN public.organizations o ON o.id = k.org_id
  LEFT JOIN LATERAL public.access_of(k.org_id, k.owner_user_id) a ON true
  WHERE k.key_id = wanted_key_id
$body$`;
