import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { usableScopes } from '../../access/workspacePermissions.ts';
import type { TenantContext } from '../../context.ts';
import { insertKey } from '../insertKey.ts';
import type { InsertedKey } from '../insertKey.ts';
import { lifetimeEnd } from '../lifetime.ts';
import { earlierOf } from './earlier.ts';
import { keyPolicy } from './keyPolicy.ts';

/**
 * Makes the key that succeeds another: of its family, with its power, addresses, limit, workspace and owner. `expiresAt` null: it gets as long a
 * life as the old one was made for, and none where that had none, within what the organization's policy allows.
 */
export async function insertSuccessor(tenant: TenantContext, pepper: string, old: ApiKey, expiresAt: Date | null): Promise<InsertedKey> {
  const { name, env, workspaceId, ownerUserId, rateLimitPerHour, allowedIps } = old;
  const { maxLifetimeDays } = await keyPolicy(tenant);
  const now = tenant.clock.now();
  return insertKey(tenant, pepper, {
    name,
    env,
    workspaceId,
    ownerUserId,
    rateLimitPerHour,
    allowedIps,
    scopes: usableScopes(old),
    expiresAt: expiresAt ?? earlierOf(freshEnd(old, now), lifetimeEnd(now, maxLifetimeDays)),
    predecessor: old,
  });
}

/** When a successor made now ends by itself. Not the old one's end: who rotates a key that is about to expire wants one that is not. */
export const freshEnd = ({ createdAt, expiresAt }: ApiKey, now: Date): Date | null =>
  expiresAt === null ? null : new Date(now.getTime() + expiresAt.getTime() - createdAt.getTime());
