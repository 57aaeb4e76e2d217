import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';
import { createUserTable } from '../userTable.ts';

/** Roles as rows, several for a member and for single workspaces; people who sign in, and their sessions. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(FENCE_USER_TABLE);
  await openUsersToThemselves(knex);
  await knex.raw('GRANT INSERT ON organizations TO artisan_app');
  await createRoles(knex);
  await createSessions(knex);
}

// As fence_tenant_table, for what belongs to a person and not to an organization.
const FENCE_USER_TABLE = `
CREATE FUNCTION fence_user_table(fenced regclass, user_column text DEFAULT 'user_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
DECLARE
  own_rows text := format('%I = (SELECT nullif(current_setting(''app.user_id'', true), '''')::uuid)', user_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', fenced);
  EXECUTE format('CREATE POLICY own ON %s USING (%s) WITH CHECK (%s)', fenced, own_rows, own_rows);
END
$body$`;

// Beside members_of_tenant, which lets an organization read its members and change nobody.
async function openUsersToThemselves(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE users ADD COLUMN email_verified_at timestamptz, ADD COLUMN updated_at timestamptz');
  await knex.raw("SELECT fence_user_table('users', 'id')");
  await knex.raw('GRANT INSERT, UPDATE ON users TO artisan_app');
}

// `role` names a built-in role, whose permissions are in the code; `role_id` one of the organization's own.
// `source` says who gave it, so that a directory takes back its own grants only.
async function createRoles(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'roles',
    columns: `
      id uuid NOT NULL,
      name text NOT NULL,
      description text,
      permissions text[] NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (org_id, name)`,
    app: 'SELECT, INSERT, UPDATE, DELETE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw(`ALTER TABLE memberships
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    ADD COLUMN updated_at timestamptz`);
  await createTenantTable(knex, {
    name: 'membership_roles',
    columns: `
      id uuid NOT NULL,
      membership_id uuid NOT NULL,
      role text CHECK (role IN ('owner', 'admin', 'manager', 'member', 'viewer')),
      role_id uuid,
      workspace_id uuid,
      source text NOT NULL CHECK (source IN ('founder', 'manual', 'invite', 'domain', 'transfer', 'scim', 'sso')),
      source_ref text,
      granted_by uuid,
      created_at timestamptz NOT NULL DEFAULT now(),
      CHECK ((role IS NULL) <> (role_id IS NULL)),
      CHECK (role IS DISTINCT FROM 'owner' OR workspace_id IS NULL),
      UNIQUE NULLS NOT DISTINCT (org_id, membership_id, role, role_id, workspace_id, source, source_ref)`,
    parents: { role_id: 'roles', workspace_id: 'workspaces' },
    app: 'SELECT, INSERT, DELETE',
    system: 'SELECT, INSERT, DELETE',
  });
  await knex.raw(`ALTER TABLE membership_roles
    ADD FOREIGN KEY (org_id, membership_id) REFERENCES memberships (org_id, id) ON DELETE CASCADE`);
  await knex.raw(`INSERT INTO membership_roles (org_id, id, membership_id, role, source, created_at)
    SELECT org_id, gen_random_uuid(), id, role, 'founder', created_at FROM memberships`);
  await knex.raw('ALTER TABLE memberships DROP COLUMN role');
}

/** `active_org_id` is the organization that was entered, null before one is. `auth_time`: when a factor was last proven; `mfa_at`: a second one. */
async function createSessions(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'sessions',
    columns: `
      id uuid NOT NULL UNIQUE,
      active_org_id uuid REFERENCES organizations (id),
      amr text[] NOT NULL,
      auth_time timestamptz NOT NULL,
      mfa_at timestamptz,
      ip text,
      user_agent text,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz,
      revoked_reason text`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
}
