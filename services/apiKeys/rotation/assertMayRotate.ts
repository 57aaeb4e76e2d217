import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { assertMayGrantPermissions } from '../../access/assertMayGrant.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { isPermission } from '../../permissions.ts';

/**
 * Who rotates a key gets its successor, and with it what that may do. So it is the key itself (or, for a change of the rotation, the successor),
 * the person it belongs to, or, for a key of the organization, somebody who holds all of it anyway. Throws permission_denied.
 */
export async function assertMayRotate(tenant: TenantContext, key: ApiKey, successorId: string | null = null): Promise<void> {
  const { actor } = tenant;
  if (actor.type === 'api_key' && (actor.id === key.id || actor.id === successorId)) return;
  if (key.ownerType === 'organization') return assertMayGrantPermissions(tenant, key.scopes.filter(isPermission));
  if (actor.type === 'user' && actor.id === key.ownerUserId) return;
  throw new AppError('permission_denied', { detail: 'This key belongs to a person: only that person, or the key itself, may rotate it.' });
}
