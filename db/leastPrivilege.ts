import type { Knex } from 'knex';

/** Thrown at start when the database login could see or do more than the process needs. */
export class PrivilegeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PrivilegeError';
  }
}

interface Privileges {
  role: string;
  superuser: boolean;
  bypassesRls: boolean;
  canCreateRoles: boolean;
  ownsTables: boolean;
}

/**
 * Refuses a login that is a superuser, bypasses row level security, owns tables or may become a role that does.
 * `bypassRls: true` is for the pool of artisan_system, which is meant to cross tenants. Throws PrivilegeError.
 */
export async function assertLeastPrivilege(knex: Knex, { bypassRls = false }: { bypassRls?: boolean } = {}): Promise<void> {
  const { rows } = await knex.raw<{ rows: Privileges[] }>(PRIVILEGES_OF_LOGIN);
  const privileges = rows[0];
  if (!privileges) throw new PrivilegeError('The database login could not be examined');
  const faults = [
    privileges.superuser && 'is a superuser',
    privileges.bypassesRls && !bypassRls && 'bypasses row level security',
    privileges.canCreateRoles && 'can create roles',
    privileges.ownsTables && 'owns tables',
  ].filter((fault) => typeof fault === 'string');
  if (faults.length > 0) {
    throw new PrivilegeError(
      `The database login "${privileges.role}" ${faults.join(', ')}. Use artisan_app (or artisan_system for the system pool).`,
    );
  }
}

// A role counts with everything it may turn into by SET ROLE.
const PRIVILEGES_OF_LOGIN = `
  select current_user::text as role,
         bool_or(r.rolsuper) as "superuser",
         bool_or(r.rolbypassrls) as "bypassesRls",
         bool_or(r.rolcreaterole) as "canCreateRoles",
         exists (
           select from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'MEMBER')
         ) as "ownsTables"
  from pg_roles r
  where pg_has_role(current_user, r.oid, 'MEMBER')`;
