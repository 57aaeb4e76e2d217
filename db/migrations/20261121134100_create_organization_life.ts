import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Short names that stay taken, ownership that changes hands, events counted by month, and the end of an organization. */
export async function up(knex: Knex): Promise<void> {
  await createSlugs(knex);
  await createTransfers(knex);
  await createUsage(knex);
  await createLookups(knex);
  await knex.raw(ERASE_ORGANIZATION_ROWS);
  await knex.raw('GRANT EXECUTE ON FUNCTION erase_organization_rows(text, int) TO artisan_system');
}

// Every short name that an organization ever had, as a digest: an address that led to one never leads to another, and of an erased
// organization no name is left.
async function createSlugs(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'organization_slugs',
    columns: `
      slug_digest bytea NOT NULL UNIQUE CHECK (octet_length(slug_digest) = 32),
      created_at timestamptz NOT NULL DEFAULT now()`,
    primaryKey: '(org_id, slug_digest)',
    app: 'SELECT, INSERT',
    system: 'SELECT, INSERT',
  });
  await asSystem(
    knex,
    `INSERT INTO organization_slugs (org_id, slug_digest, created_at) SELECT id, sha256(convert_to(slug, 'UTF8')), created_at FROM organizations`,
  );
}

// Offered by an owner, taken up by a member. What ran out is not marked: expires_at says so.
async function createTransfers(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'ownership_transfers',
    columns: `
      id uuid NOT NULL,
      from_user_id uuid NOT NULL REFERENCES users (id),
      to_user_id uuid NOT NULL REFERENCES users (id),
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'declined', 'cancelled', 'expired')),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      finished_at timestamptz,
      CHECK ((status = 'pending') = (finished_at IS NULL))`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  await knex.raw(`CREATE UNIQUE INDEX ownership_transfers_pending ON ownership_transfers (org_id) WHERE status = 'pending'`);
}

async function createUsage(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'event_usage',
    columns: `
      month date NOT NULL CHECK (extract(day FROM month) = 1),
      events bigint NOT NULL CHECK (events >= 0)`,
    primaryKey: '(org_id, month)',
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT',
  });
  await asSystem(
    knex,
    `INSERT INTO event_usage (org_id, month, events)
     SELECT org_id, date_trunc('month', now(), 'UTC')::date, count(*) FROM events
      WHERE id >= uuidv7_floor(date_trunc('month', now(), 'UTC')) AND org_id IN (SELECT id FROM organizations) GROUP BY org_id`,
  );
}

// The owner of the tables is fenced like everybody: what looks at all organizations runs as artisan_system.
async function asSystem(knex: Knex, statement: string): Promise<void> {
  await knex.raw('SET LOCAL ROLE artisan_system');
  await knex.raw(statement);
  await knex.raw('RESET ROLE');
}

async function createLookups(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION organizations_of(uuid)');
  await knex.raw(ORGANIZATIONS_OF);
  await knex.raw(FREE_ORGANIZATIONS_FOUNDED);
  await knex.raw('GRANT EXECUTE ON FUNCTION organizations_of(uuid), free_organizations_founded(uuid) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  for (const name of ['organizations_of(uuid)', 'free_organizations_founded(uuid)']) {
    await knex.raw(`ALTER FUNCTION ${name} OWNER TO artisan_system`);
  }
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// The organizations of the person whose transaction this is, and of nobody else. A deleted one shows for as long as it can be restored.
const ORGANIZATIONS_OF = `
CREATE FUNCTION organizations_of(wanted_user uuid) RETURNS TABLE (
  org_id uuid, name text, slug text, plan text, settings jsonb, deleted_at timestamptz, membership_id uuid, membership_status text, joined_at timestamptz,
  created_at timestamptz, deletion_due_at timestamptz, erasure_started_at timestamptz, grants jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  SELECT o.id, o.name, o.slug, o.plan, o.settings, o.deleted_at, m.id, m.status, m.created_at,
         o.created_at, o.deletion_due_at, o.erasure_started_at, a.grants
  FROM public.memberships m JOIN public.organizations o ON o.id = m.org_id
  LEFT JOIN LATERAL public.access_of(m.org_id, m.user_id) a ON true
  WHERE m.user_id = wanted_user AND wanted_user = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
$body$`;

// One that was deleted counts until it is erased: deleting makes no room for another.
const FREE_ORGANIZATIONS_FOUNDED = `
CREATE FUNCTION free_organizations_founded(wanted_user uuid) RETURNS int
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  SELECT count(*)::int FROM public.organizations
  WHERE founded_by = wanted_user AND plan = 'free' AND erased_at IS NULL
    AND wanted_user = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
$body$`;

// The owner is fenced too (FORCE): inside it sees the transaction's organization only. Newest first, so that what points at a row of its own
// table goes before it. The evidence of the audit log, the taken short names and the organization's own row are out of its reach.
const ERASE_ORGANIZATION_ROWS = `
CREATE FUNCTION erase_organization_rows(wanted text, batch int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '5s' AS $body$
DECLARE
  org uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  key_columns text;
  newest_first text;
  removed int;
BEGIN
  IF org IS NULL OR batch IS NULL OR batch NOT BETWEEN 1 AND 5000 THEN
    RAISE EXCEPTION 'erase_organization_rows: of one organization, 1 to 5,000 rows' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (SELECT FROM public.organizations WHERE id = org AND erasure_started_at IS NOT NULL AND erased_at IS NULL) THEN
    RAISE EXCEPTION 'erase_organization_rows: the organization is not being erased' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT string_agg(format('%I', a.attname), ', ' ORDER BY p.place), string_agg(format('%I DESC', a.attname), ', ' ORDER BY p.place)
    INTO key_columns, newest_first
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS p (attnum, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.attnum
   WHERE c.relnamespace = 'public'::regnamespace AND c.relname = wanted AND NOT c.relispartition AND c.relforcerowsecurity
     AND wanted NOT IN ('organizations', 'organization_slugs', 'audit_leaf', 'audit_body')
     AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'org_id' AND o.attnotnull);
  IF key_columns IS NULL THEN
    RAISE EXCEPTION 'erase_organization_rows: % is no table that is erased', wanted USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('artisan.attempts', 'expire', true);
  EXECUTE format('DELETE FROM public.%1$I WHERE org_id = $1 AND (%2$s) IN (SELECT %2$s FROM public.%1$I WHERE org_id = $1 ORDER BY %3$s LIMIT $2)',
    wanted, key_columns, newest_first) USING org, batch;
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('artisan.attempts', '', true);
  RETURN removed;
END
$body$`;
