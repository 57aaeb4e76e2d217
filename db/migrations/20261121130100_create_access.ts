import type { Knex } from 'knex';

/** What a person may do in an organization, looked up before a tenant is entered; and who is told when that changes. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(ACCESS_OF);
  await knex.raw(FIND_SESSION);
  await knex.raw(ORGANIZATIONS_OF);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_session(uuid, uuid) TO artisan_app');
  await knex.raw('GRANT EXECUTE ON FUNCTION organizations_of(uuid) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  for (const name of ['access_of(uuid, uuid)', 'find_session(uuid, uuid)', 'organizations_of(uuid)']) {
    await knex.raw(`ALTER FUNCTION ${name} OWNER TO artisan_system`);
  }
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
  for (const statement of NOTIFICATIONS) await knex.raw(statement);
}

// Grants of an active member as [{"role", "permissions", "workspace_id"}]; no row when the person is no active member.
// Granted to nobody: other definer functions use it.
const ACCESS_OF = `
CREATE FUNCTION access_of(wanted_org uuid, wanted_user uuid) RETURNS TABLE (membership_id uuid, grants jsonb)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT m.id, coalesce(
    (SELECT jsonb_agg(jsonb_build_object('role', g.role, 'permissions', r.permissions, 'workspace_id', g.workspace_id))
     FROM public.membership_roles g LEFT JOIN public.roles r ON r.org_id = g.org_id AND r.id = g.role_id
     LEFT JOIN public.workspaces w ON w.org_id = g.org_id AND w.id = g.workspace_id
     WHERE g.org_id = m.org_id AND g.membership_id = m.id AND w.deleted_at IS NULL), '[]')
  FROM public.memberships m JOIN public.users u ON u.id = m.user_id
  WHERE m.org_id = wanted_org AND m.user_id = wanted_user AND m.status = 'active' AND u.deleted_at IS NULL
$body$`;

// One session by its exact id, and what its person may do in one organization. The id alone proves nothing: a signed token has to name it.
const FIND_SESSION = `
CREATE FUNCTION find_session(wanted_session uuid, wanted_org uuid) RETURNS TABLE (
  id uuid, user_id uuid, email text, name text, email_verified_at timestamptz, amr text[], auth_time timestamptz, mfa_at timestamptz,
  expires_at timestamptz, revoked_at timestamptz, user_deleted boolean,
  org_id uuid, org_plan text, org_deleted boolean, org_settings jsonb, membership_id uuid, grants jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT s.id, s.user_id, u.email, u.name, u.email_verified_at, s.amr, s.auth_time, s.mfa_at,
         s.expires_at, s.revoked_at, u.deleted_at IS NOT NULL,
         o.id, o.plan, o.deleted_at IS NOT NULL, o.settings, a.membership_id, a.grants
  FROM public.sessions s JOIN public.users u ON u.id = s.user_id
  LEFT JOIN public.organizations o ON o.id = wanted_org
  LEFT JOIN LATERAL public.access_of(wanted_org, s.user_id) a ON true
  WHERE s.id = wanted_session
$body$`;

// The organizations of the person whose transaction this is, and of nobody else.
const ORGANIZATIONS_OF = `
CREATE FUNCTION organizations_of(wanted_user uuid) RETURNS TABLE (
  org_id uuid, name text, slug text, plan text, settings jsonb, deleted_at timestamptz, membership_id uuid, membership_status text, joined_at timestamptz)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  SELECT o.id, o.name, o.slug, o.plan, o.settings, o.deleted_at, m.id, m.status, m.created_at
  FROM public.memberships m JOIN public.organizations o ON o.id = m.org_id
  WHERE m.user_id = wanted_user AND wanted_user = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
$body$`;

// Processes forget what they cached: 'org:<uuid>' about everybody in it, 'user:<uuid>' about one person.
const notifier = (name: string, payload: string): string => `
CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
DECLARE changed record := coalesce(NEW, OLD);
BEGIN
  PERFORM pg_notify('access_changed', ${payload});
  RETURN NULL;
END
$body$`;
const trigger = (table: string, name: string, on: string): string =>
  `CREATE TRIGGER notify_access_change AFTER ${on} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`;

const NOTIFICATIONS = [
  notifier('notify_access_of_org', "'org:' || changed.org_id"),
  notifier('notify_access_of_organization', "'org:' || changed.id"),
  notifier('notify_access_of_user', "'user:' || changed.user_id"),
  notifier('notify_access_of_person', "'user:' || changed.id"),
  trigger('membership_roles', 'notify_access_of_org', 'INSERT OR DELETE'),
  trigger('roles', 'notify_access_of_org', 'UPDATE OR DELETE'),
  trigger('workspaces', 'notify_access_of_org', 'UPDATE'),
  trigger('organizations', 'notify_access_of_organization', 'UPDATE'),
  trigger('memberships', 'notify_access_of_user', 'INSERT OR UPDATE OR DELETE'),
  trigger('sessions', 'notify_access_of_user', 'UPDATE OF active_org_id, amr, auth_time, mfa_at, expires_at, revoked_at OR DELETE'),
  trigger('users', 'notify_access_of_person', 'UPDATE'),
];
