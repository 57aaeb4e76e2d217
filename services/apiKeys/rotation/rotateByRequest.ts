import type { ApiKey } from '../../../db/models/ApiKey.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { findUnderPolicy } from '../find.ts';
import { resolveExpiry } from '../policy.ts';
import { assertMayRotate } from './assertMayRotate.ts';
import { keyPolicy } from './keyPolicy.ts';
import { rotateApiKey } from './rotate.ts';
import type { RotationOrder, StartedRotation } from './rotate.ts';
import { freshEnd } from './successor.ts';

/** `retireAfterFirstUseMinutes` undefined: as the organization's policy says. */
export type AskedRotation = Omit<RotationOrder, 'cause' | 'retireAfterFirstUseMinutes'> & {
  retireAfterFirstUseMinutes: number | null | undefined;
};

/**
 * Rotates a key because somebody asked for it, who gets the new one. Two requests at the same time come one after the other, and the second
 * is refused. Throws not_found, permission_denied, validation_failed for an end that the policy does not allow, and conflict.
 */
export async function rotateByRequest(tenant: TenantContext, pepper: string, id: string, asked: AskedRotation): Promise<StartedRotation> {
  const { key: oldKey, policy } = await findUnderPolicy(tenant, id, { forChange: true });
  await assertMayRotate(tenant, oldKey);
  const now = tenant.clock.now();
  const expiresAt = asked.expiresAt && resolveExpiry(asked.expiresAt, { createdAt: now, now }, policy);
  if (expiresAt) assertOwnLife(tenant, oldKey, expiresAt);
  const { retireAfterFirstUseMinutes = (await keyPolicy(tenant)).retireAfterFirstUseMinutes } = asked;
  return rotateApiKey(tenant, pepper, oldKey, { ...asked, expiresAt, retireAfterFirstUseMinutes, cause: 'request' });
}

/** Who made a key for a month meant a month: one that rotates itself takes no longer life than it was given. Throws validation_failed. */
function assertOwnLife({ actor, clock }: TenantContext, oldKey: ApiKey, expiresAt: Date): void {
  const latest = actor.type === 'api_key' && actor.id === oldKey.id ? freshEnd(oldKey, clock.now()) : null;
  if (latest === null || expiresAt <= latest) return;
  const message = `must not be after ${latest.toISOString()}: a key that rotates itself gets as long a life as it was made for`;
  throw new AppError('validation_failed', { detail: `body.expires_at ${message}`, fields: [{ location: 'body.expires_at', message }] });
}
