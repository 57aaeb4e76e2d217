import type { Knex } from 'knex';

/** Keys that succeed each other form a family; whose power follows their owner; and that can be switched off. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE api_keys
    ADD COLUMN family_id uuid,
    ADD COLUMN predecessor_id uuid,
    ADD COLUMN retires_at timestamptz,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN disabled_reason text,
    ADD COLUMN first_used_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN last_used_ip text,
    ADD COLUMN updated_at timestamptz,
    ADD FOREIGN KEY (org_id, predecessor_id) REFERENCES api_keys (org_id, id)`);
  await knex.raw('UPDATE api_keys SET family_id = id');
  await knex.raw('ALTER TABLE api_keys ALTER COLUMN family_id SET NOT NULL');
  await knex.raw('CREATE INDEX api_keys_family ON api_keys (org_id, family_id)');
  await notifyOfPowerOnly(knex);
  await replaceLookup(knex);
}

// That a key was used is no reason to forget it.
async function notifyOfPowerOnly(knex: Knex): Promise<void> {
  await knex.raw('DROP TRIGGER notify_change ON api_keys');
  await knex.raw(`CREATE TRIGGER notify_change
    AFTER DELETE OR UPDATE OF scopes, workspace_id, rate_limit_per_hour, allowed_ips, expires_at, revoked_at, retires_at, disabled_at, name
    ON api_keys FOR EACH ROW EXECUTE FUNCTION notify_api_key_change()`);
}

async function replaceLookup(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION find_api_key(text)');
  await knex.raw(FIND_API_KEY);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_api_key(text) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION find_api_key(text) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// owner_grants is NULL for a key of the organization, and for a person who is no active member any more.
const FIND_API_KEY = `
CREATE FUNCTION find_api_key(wanted_key_id text) RETURNS TABLE (
  id uuid, org_id uuid, workspace_id uuid, key_id text, digest bytea, hash_version int, name text, env text,
  owner_type text, owner_user_id uuid, scopes text[], prefix text, last4 text, rate_limit_per_hour int, allowed_ips text[],
  expires_at timestamptz, revoked_at timestamptz, created_at timestamptz, family_id uuid, retires_at timestamptz, disabled_at timestamptz,
  org_plan text, org_deleted boolean, org_settings jsonb, owner_grants jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT k.id, k.org_id, k.workspace_id, k.key_id, k.digest, k.hash_version, k.name, k.env,
         k.owner_type, k.owner_user_id, k.scopes, k.prefix, k.last4, k.rate_limit_per_hour, k.allowed_ips,
         k.expires_at, k.revoked_at, k.created_at, k.family_id, k.retires_at, k.disabled_at,
         o.plan, o.deleted_at IS NOT NULL, o.settings, a.grants
  FROM public.api_keys k JOIN public.organizations o ON o.id = k.org_id
  LEFT JOIN LATERAL public.access_of(k.org_id, k.owner_user_id) a ON true
  WHERE k.key_id = wanted_key_id
$body$`;
