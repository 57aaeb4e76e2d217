import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Domains that organizations say are theirs, and prove by a record in the DNS. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'domains',
    columns: `
      id uuid NOT NULL,
      domain text NOT NULL CHECK (domain = lower(domain)),
      challenge text NOT NULL,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'verified', 'lapsed')),
      verified_at timestamptz,
      confirmed_at timestamptz,
      checked_at timestamptz,
      next_check_at timestamptz,
      failures int NOT NULL DEFAULT 0,
      last_failure text,
      created_by uuid,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      UNIQUE (org_id, domain),
      CHECK ((status = 'verified') = (next_check_at IS NOT NULL))`,
    app: 'SELECT, INSERT, UPDATE, DELETE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  // Over the installation: who proves a domain after another organization has is told so, and nobody else is.
  await knex.raw("CREATE UNIQUE INDEX domains_verified_key ON domains (domain) WHERE status = 'verified'");
  await knex.raw("CREATE INDEX domains_due ON domains (next_check_at) WHERE status = 'verified'");
  await createLookup(knex);
}

async function createLookup(knex: Knex): Promise<void> {
  await knex.raw(FIND_DOMAIN_OWNER);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_domain_owner(text) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION find_domain_owner(text) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// For who has proven an address of the domain, and looks for the organization to join.
const FIND_DOMAIN_OWNER = `
CREATE FUNCTION find_domain_owner(wanted_domain text) RETURNS TABLE (org_id uuid, domain_id uuid, org_name text, settings jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT d.org_id, d.id, o.name, o.settings
  FROM public.domains d JOIN public.organizations o ON o.id = d.org_id
  WHERE d.domain = wanted_domain AND d.status = 'verified' AND o.deleted_at IS NULL
$body$`;
