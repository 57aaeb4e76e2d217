import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Organizations, their workspaces, and the people who belong to them. */
export async function up(knex: Knex): Promise<void> {
  await createOrganizations(knex);
  await createTenantTable(knex, {
    name: 'workspaces',
    columns: `
      id uuid NOT NULL,
      name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE',
  });
  await createUsers(knex);
  await createTenantTable(knex, {
    name: 'memberships',
    columns: `
      id uuid NOT NULL,
      user_id uuid NOT NULL REFERENCES users (id),
      role text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (org_id, user_id)`,
    app: 'SELECT, INSERT, UPDATE, DELETE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw(USERS_POLICY);
}

// Fenced by its own id. Only artisan_system creates one: nobody inside a tenant can.
async function createOrganizations(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE organizations (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      slug text NOT NULL UNIQUE,
      plan text NOT NULL CHECK (plan IN ('free', 'starter', 'professional', 'enterprise')),
      settings jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz
    )`);
  await knex.raw("SELECT fence_tenant_table('organizations', 'id')");
  await knex.raw('GRANT SELECT, UPDATE ON organizations TO artisan_app');
  await knex.raw('GRANT SELECT, INSERT, UPDATE ON organizations TO artisan_system');
}

// One person, one row, whatever organizations they belong to. E-mail is stored in lower case: lower() is not leakproof,
// so an expression index would be ignored under row level security.
async function createUsers(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE users (
      id uuid PRIMARY KEY,
      email text NOT NULL UNIQUE CHECK (email = lower(email)),
      name text,
      created_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz
    )`);
  await knex.raw('ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
  await knex.raw('GRANT SELECT ON users TO artisan_app');
  await knex.raw('GRANT SELECT, INSERT, UPDATE ON users TO artisan_system');
}

// memberships is itself fenced to the current organization, so the sub-query sees its members only.
const USERS_POLICY = `
CREATE POLICY members_of_tenant ON users
  USING (EXISTS (
    SELECT FROM memberships m
    WHERE m.user_id = users.id AND m.org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  ))
  WITH CHECK (false)`;
