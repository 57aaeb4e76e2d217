import { isDeepStrictEqual } from 'node:util';
import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { assertMayGrantPermissions } from '../../access/assertMayGrant.ts';
import { usableScopes } from '../../access/workspacePermissions.ts';
import type { Actor, TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';

/**
 * Who rotates a key gets its successor, and with it what that may do. So it is the key itself (or, for a change of the rotation, the successor),
 * the person it belongs to, or, for a key of the organization, somebody who holds all of it anyway. Throws permission_denied.
 */
export async function assertMayRotate(tenant: TenantContext, key: ApiKey, successorId: string | null = null): Promise<void> {
  const { actor } = tenant;
  if (actor.type === 'api_key' && (actor.id === key.id || actor.id === successorId)) return;
  if (key.ownerType === 'organization') return assertMayGrantPermissions(tenant, usableScopes(key));
  if (actor.type === 'user' && actor.id === key.ownerUserId) return;
  throw new AppError('permission_denied', { detail: 'This key belongs to a person: only that person, or the key itself, may rotate it.' });
}

/**
 * An old key lives longer by an extension or an abort. Somebody may have replaced it because it was stolen, so the key itself undoes nothing but
 * what it began, and not when the new key is in use: whoever has that can ask with it. Throws permission_denied.
 */
export function assertMayProlong({ actor }: TenantContext, oldKey: ApiKey, successor: ApiKey): void {
  if (!isItself(actor, oldKey) || (successor.createdBy === oldKey.id && successor.firstUsedAt === null)) return;
  throw new AppError('permission_denied', {
    detail:
      'This key cannot prolong its own life: somebody else, or the policy, replaced it, or the new key is in use. Ask with the new key, or as who may rotate it.',
  });
}

/** Who narrowed a key did not mean its successor to do more for who holds the key. Throws permission_denied. */
export function assertMayPickUp({ actor }: TenantContext, oldKey: ApiKey, successor: ApiKey): void {
  if (!isItself(actor, oldKey)) return;
  const isWider =
    successor.scopes.some((scope) => !oldKey.scopes.includes(scope)) ||
    (oldKey.allowedIps.length > 0 && !isDeepStrictEqual(successor.allowedIps, oldKey.allowedIps));
  if (!isWider) return;
  throw new AppError('permission_denied', {
    detail:
      'This key was restricted after the policy replaced it, and its successor was not. Somebody who may rotate it picks the new key up.',
  });
}

const isItself = ({ type, id }: Actor, key: ApiKey): boolean => type === 'api_key' && id === key.id;
