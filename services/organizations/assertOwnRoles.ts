import { parseTypeId } from '../../server/ids.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/**
 * The roles of a policy are built-in ones and the organization's own; one of these is not deleted while a policy names it. Under the lock of the
 * organization, which who deletes a role takes as well. Throws validation_failed naming every id that is no role here.
 */
export async function assertOwnRoles({ trx, actor }: TenantContext, names: readonly string[]): Promise<void> {
  const ids = names.map((name) => parseTypeId('rol', name));
  const known: string[] = await trx('roles')
    .where({ org_id: actor.orgId })
    .whereIn(
      'id',
      ids.filter((id) => id !== null),
    )
    .pluck('id');
  const message = 'is no role of this organization';
  const fields = ids.flatMap((id, index) =>
    id === null || known.includes(id) ? [] : [{ location: `body.settings.mfa.roles.${index}`, message }],
  );
  if (fields.length > 0) throw new AppError('validation_failed', { detail: `${fields[0]!.location} ${message}`, fields });
}
