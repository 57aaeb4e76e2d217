import { ApiKey } from '../../../db/models/ApiKey.ts';
import { newId } from '../../../server/ids.ts';
import type { TenantContext } from '../../context.ts';
import { API_KEY_HASH_VERSION, digestApiKey, newApiKey } from '../format.ts';

/**
 * Makes the key that succeeds another: of its family, with its power, addresses, limit, workspace and owner. `expiresAt` null: it gets as long a
 * life as the old one was made for, and none where that had none.
 */
export async function insertSuccessor(
  { trx, actor, clock }: TenantContext,
  pepper: string,
  old: ApiKey,
  expiresAt: Date | null,
): Promise<{ successor: ApiKey; key: string }> {
  const { key, keyId, secret, last4 } = newApiKey(old.env);
  const id = newId(clock);
  const now = clock.now();
  const { orgId, workspaceId, env, name, ownerType, ownerUserId, scopes, allowedIps, rateLimitPerHour, familyId } = old;
  await ApiKey.query(trx).insert({
    orgId,
    workspaceId,
    env,
    name,
    ownerType,
    ownerUserId,
    scopes,
    allowedIps,
    rateLimitPerHour,
    familyId,
    id,
    keyId,
    predecessorId: old.id,
    digest: digestApiKey(pepper, secret),
    hashVersion: API_KEY_HASH_VERSION,
    // Both kinds of key have a kind of four letters, so this cuts off no part of it.
    prefix: key.slice(0, 'sk_live_'.length + 4),
    last4,
    expiresAt: expiresAt ?? freshEnd(old, now),
    createdAt: now,
    createdBy: actor.type === 'api_key' || actor.type === 'user' ? actor.id : null,
  });
  const successor = await ApiKey.query(trx).findOne({ org_id: orgId, id }).throwIfNotFound();
  return { successor, key };
}

/** Not the old one's end: who rotates a key that is about to expire wants one that is not. */
const freshEnd = ({ createdAt, expiresAt }: ApiKey, now: Date): Date | null =>
  expiresAt === null ? null : new Date(now.getTime() + expiresAt.getTime() - createdAt.getTime());
