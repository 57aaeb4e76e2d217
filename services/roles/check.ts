import { OWNERS_ONLY, builtInRole } from '../access/builtInRoles.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';

/** A list that people choose from, and that is read as a whole. */
const MAX_ROLES = 100;

/** What makes an owner an owner comes with that role only, and with its guard. Throws validation_failed. */
export function assertRolePermissions(permissions: readonly Permission[]): void {
  const fields = permissions.flatMap((permission, index) =>
    OWNERS_ONLY.includes(permission)
      ? [{ location: `body.permissions.${index}`, message: `${permission} comes with the role owner only` }]
      : [],
  );
  if (fields.length > 0) throw new AppError('validation_failed', { detail: `${fields[0]!.location}: ${fields[0]!.message}`, fields });
}

/** Names are told apart whatever their case. Call it under the lock of access. `except` is the role (uuid) that has the name. Throws conflict, validation_failed. */
export async function assertRoleName({ trx, actor }: TenantContext, name: string, except: string | null = null): Promise<void> {
  const wanted = name.toLowerCase();
  if (builtInRole(wanted) !== null) {
    const fields = [{ location: 'body.name', message: 'is the name of a built-in role' }];
    throw new AppError('validation_failed', { detail: 'body.name is the name of a built-in role', fields });
  }
  const roles = await trx('roles').where({ org_id: actor.orgId }).select<{ id: string; name: string }[]>('id', 'name');
  if (roles.some((role) => role.id !== except && role.name.toLowerCase() === wanted)) {
    throw new AppError('conflict', { detail: 'Another role of the organization has this name.' });
  }
}

/** Call it under the lock of access. Throws conflict. */
export async function assertFewRoles({ trx, actor }: TenantContext): Promise<void> {
  const ids = await trx('roles').where({ org_id: actor.orgId }).pluck('id');
  if (ids.length >= MAX_ROLES)
    throw new AppError('conflict', { detail: `An organization has at most ${MAX_ROLES} roles of its own. Delete one.` });
}
