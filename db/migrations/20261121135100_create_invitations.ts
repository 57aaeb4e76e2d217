import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Who is asked to join an organization. The token that lets them in is in their mail and nowhere else: here is its digest. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'invitations',
    columns: `
      id uuid NOT NULL,
      email text NOT NULL CHECK (email = lower(email)),
      token_digest bytea NOT NULL,
      roles jsonb NOT NULL,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'revoked', 'expired')),
      invited_by_type text NOT NULL CHECK (invited_by_type IN ('user', 'api_key')),
      invited_by uuid NOT NULL,
      sent_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      accepted_at timestamptz,
      accepted_by uuid REFERENCES users (id),
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CHECK ((status = 'accepted') = (accepted_at IS NOT NULL))`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw("CREATE UNIQUE INDEX invitations_pending_key ON invitations (org_id, email) WHERE status = 'pending'");
  await knex.raw('CREATE UNIQUE INDEX invitations_token_digest_key ON invitations (token_digest)');
  await createLookup(knex);
}

async function createLookup(knex: Knex): Promise<void> {
  await knex.raw(FIND_INVITATION);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_invitation(bytea) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION find_invitation(bytea) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// Who holds the token does not know the organization yet. The digest of 32 random bytes names one invitation or none.
const FIND_INVITATION = `
CREATE FUNCTION find_invitation(wanted_digest bytea) RETURNS TABLE (
  org_id uuid, id uuid, email text, roles jsonb, status text, expires_at timestamptz, accepted_by uuid, org_name text, inviter_name text)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT i.org_id, i.id, i.email, i.roles, i.status, i.expires_at, i.accepted_by, o.name, u.name
  FROM public.invitations i JOIN public.organizations o ON o.id = i.org_id
  LEFT JOIN public.users u ON u.id = i.invited_by AND i.invited_by_type = 'user'
  WHERE i.token_digest = wanted_digest AND i.status IN ('pending', 'accepted') AND o.deleted_at IS NULL
$body$`;
