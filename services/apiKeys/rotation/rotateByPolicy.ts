import type { ApiKey } from '../../../db/models/ApiKey.ts';
import type { TenantContext } from '../../context.ts';
import type { PromisedKeyRotation } from '../../outbox/keyRotations.ts';
import { keyPolicy } from './keyPolicy.ts';
import { sealedKeyContext } from './pickUp.ts';
import { rotateApiKey } from './rotate.ts';

const DAY_MS = 86_400_000;
/** From the day on which the policy replaces a key until the key works no more. */
const POLICY_GRACE_SECONDS = 7 * 86_400;

/** Whether a key that was made then has lived its days. null: no number of days is too many. */
export const isOlder = (createdAt: Date, days: number | null, now: Date): boolean =>
  days !== null && createdAt.getTime() + days * DAY_MS <= now.getTime();

/** Replaces a key because the policy says so. Nobody asked who could be shown the new one: it waits, sealed, to be picked up. */
export async function rotateByPolicy(tenant: TenantContext, pepper: string, oldKey: ApiKey): Promise<PromisedKeyRotation[]> {
  const { retireAfterFirstUseMinutes } = await keyPolicy(tenant);
  const order = { graceSeconds: POLICY_GRACE_SECONDS, expiresAt: null, retireAfterFirstUseMinutes, cause: 'policy' as const };
  const { rotation, key, promises } = await rotateApiKey(tenant, pepper, oldKey, order);
  await rotation.$query(tenant.trx).patch({ sealedKey: tenant.vault.seal(key, sealedKeyContext(tenant.actor.orgId, rotation.id)) });
  return promises;
}
