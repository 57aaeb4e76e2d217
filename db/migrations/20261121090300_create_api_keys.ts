import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** API keys: the public key_id finds the row, only the keyed digest of the secret is stored. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'api_keys',
    columns: `
      id uuid NOT NULL,
      workspace_id uuid,
      key_id text NOT NULL UNIQUE,
      digest bytea NOT NULL,
      hash_version int NOT NULL,
      name text NOT NULL,
      env text NOT NULL CHECK (env IN ('live', 'test')),
      owner_type text NOT NULL CHECK (owner_type IN ('organization', 'user')),
      owner_user_id uuid REFERENCES users (id),
      scopes text[] NOT NULL DEFAULT '{}',
      prefix text NOT NULL,
      last4 text NOT NULL,
      rate_limit_per_hour int CHECK (rate_limit_per_hour >= 0),
      allowed_ips text[] NOT NULL DEFAULT '{}',
      expires_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      created_by uuid,
      CHECK ((owner_type = 'user') = (owner_user_id IS NOT NULL))`,
    parents: { workspace_id: 'workspaces' },
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE',
  });
  await knex.raw(NOTIFY_CHANGE);
  await knex.raw('CREATE TRIGGER notify_change AFTER UPDATE OR DELETE ON api_keys FOR EACH ROW EXECUTE FUNCTION notify_api_key_change()');
  await createLookup(knex);
}

// The processes forget what they cached about this key.
const NOTIFY_CHANGE = `
CREATE FUNCTION notify_api_key_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  PERFORM pg_notify('api_key_changed', OLD.key_id);
  RETURN NULL;
END
$body$`;

// Authentication happens before the organization is known, so it cannot pass the fence. This is the only hole: one key by its
// exact public id. It runs as artisan_system because of FORCE ROW LEVEL SECURITY; CREATE is lent for the change of owner only.
async function createLookup(knex: Knex): Promise<void> {
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
  expires_at timestamptz, revoked_at timestamptz, org_plan text, org_deleted boolean)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT k.id, k.org_id, k.workspace_id, k.key_id, k.digest, k.hash_version, k.name, k.env,
         k.owner_type, k.owner_user_id, k.scopes, k.prefix, k.last4, k.rate_limit_per_hour, k.allowed_ips,
         k.expires_at, k.revoked_at, o.plan, o.deleted_at IS NOT NULL
  FROM public.api_keys k JOIN public.organizations o ON o.id = k.org_id
  WHERE k.key_id = wanted_key_id
$body$`;
