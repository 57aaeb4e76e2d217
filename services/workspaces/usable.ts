import { AppError } from '../errors/AppError.ts';
import type { FieldError } from '../errors/AppError.ts';
import type { TenantContext } from '../context.ts';

/**
 * Which of these workspaces exist and may be used by the actor: all of its organization, or only the one its credential is bound to.
 * `keep`: none of them is deleted before the transaction ends.
 */
export async function usableWorkspaces(
  { trx, actor }: Pick<TenantContext, 'trx' | 'actor'>,
  ids: string[],
  { keep = false } = {},
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const query = trx('workspaces').where({ org_id: actor.orgId }).whereNull('deleted_at').whereIn('id', ids);
  if (actor.workspaceId !== null) void query.where({ id: actor.workspaceId });
  if (keep) void query.forKeyShare();
  const rows = await query.select<{ id: string }[]>('id');
  return new Set(rows.map(({ id }) => id));
}

/** What to tell about a workspace that does not exist or that the actor may not use: the same in both cases. */
export function workspaceFault(location: string): FieldError {
  return { location, message: 'is no workspace that this credential may use' };
}

/**
 * The workspace that a new thing belongs to: the named one, else the one the credential is bound to, else none.
 * It is not deleted before the transaction ends, or the thing would be left behind. Throws validation_failed at `location`.
 */
export async function resolveWorkspace(tenant: TenantContext, named: string | null, location: string): Promise<string | null> {
  const wanted = named ?? tenant.actor.workspaceId;
  if (wanted === null) return null;
  const usable = await usableWorkspaces(tenant, [wanted], { keep: true });
  if (usable.has(wanted)) return wanted;
  throw new AppError('validation_failed', {
    detail: 'The workspace does not exist, or this credential may not use it.',
    fields: [workspaceFault(location)],
  });
}
