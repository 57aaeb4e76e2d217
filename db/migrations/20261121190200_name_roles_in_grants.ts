import type { Knex } from 'knex';

/** A grant says which of the organization's own roles it is: the policy of second factors may name it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('SET ROLE artisan_system');
  await knex.raw(ACCESS_OF);
  await knex.raw('RESET ROLE');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

const ACCESS_OF = `
CREATE OR REPLACE FUNCTION access_of(wanted_org uuid, wanted_user uuid) RETURNS TABLE (membership_id uuid, grants jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT m.id, coalesce(
    (SELECT jsonb_agg(jsonb_build_object('role', g.role, 'role_id', g.role_id, 'permissions', r.permissions, 'workspace_id', g.workspace_id))
     FROM public.membership_roles g LEFT JOIN public.roles r ON r.org_id = g.org_id AND r.id = g.role_id
     LEFT JOIN public.workspaces w ON w.org_id = g.org_id AND w.id = g.workspace_id
     WHERE g.org_id = m.org_id AND g.membership_id = m.id AND w.deleted_at IS NULL), '[]')
  FROM public.memberships m JOIN public.users u ON u.id = m.user_id
  WHERE m.org_id = wanted_org AND m.user_id = wanted_user AND m.status = 'active' AND u.deleted_at IS NULL
$body$`;
