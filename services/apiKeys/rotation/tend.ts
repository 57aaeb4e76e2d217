import { ApiKey } from '../../../db/models/ApiKey.ts';
import { KeyRotation } from '../../../db/models/KeyRotation.ts';
import type { RotationEnd } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import type { Wish } from '../../../workflows/keyRotation/contract.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { abortRotation, extendRotation, finishRotation } from './change.ts';
import { endRotation } from './end.ts';
import type { FoundRotation } from './find.ts';
import { earlier } from './earlier.ts';

const MINUTE_MS = 60_000;

/**
 * One look of the workflow at the rotation of a key: does what an operator wished, notes the first use of the new key, and retires the old
 * one when it is time. Returns the rotation as it is afterwards; null when the key has none. Safe to repeat.
 */
export async function tendRotation(tenant: TenantContext, oldKeyId: string, wish: Wish | null): Promise<KeyRotation | null> {
  const { trx, actor, clock } = tenant;
  const oldKey = await ApiKey.query(trx).findOne({ org_id: actor.orgId, id: oldKeyId }).forNoKeyUpdate();
  const rotation = await KeyRotation.query(trx).where({ org_id: actor.orgId, old_key_id: oldKeyId }).orderBy('id', 'desc').first();
  if (!oldKey || !rotation) return null;
  if (rotation.state !== 'overlapping') return rotation;
  const wished = wish === null ? rotation : await fulfil(tenant, { oldKey, rotation }, wish);
  if (wished.state !== 'overlapping') return wished;
  const seen = await noteFirstUse(tenant, { oldKey, rotation: wished });
  const reason = endOf(seen, oldKey, clock.now());
  return reason === null ? seen : endRotation(tenant, seen, oldKey, reason);
}

/** A wish that makes no sense (any more) changes nothing: the workflow must not stop over it. */
async function fulfil(tenant: TenantContext, found: FoundRotation, wish: Wish): Promise<KeyRotation> {
  try {
    if (wish.kind === 'finish') return await finishRotation(tenant, found);
    if (wish.kind === 'abort') return await abortRotation(tenant, found);
    const until = new Date(wish.until);
    return Number.isNaN(until.getTime()) ? found.rotation : await extendRotation(tenant, found, until);
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return found.rotation;
    throw error;
  }
}

/** The first use of the new key may bring the end nearer. */
async function noteFirstUse(tenant: TenantContext, { oldKey, rotation }: FoundRotation): Promise<KeyRotation> {
  const { trx, actor, clock } = tenant;
  const newKey = await ApiKey.query(trx).findOne({ org_id: actor.orgId, id: rotation.newKeyId }).throwIfNotFound();
  const now = clock.now();
  const endsAt = endsAtOf(rotation, oldKey, newKey.firstUsedAt);
  const isNews = newKey.firstUsedAt !== null && rotation.firstUsedAt === null;
  if (!isNews && endsAt.getTime() === rotation.endsAt.getTime()) return rotation;
  await ApiKey.query(trx).where({ org_id: actor.orgId, id: oldKey.id }).patch({ retiresAt: endsAt, updatedAt: now });
  if (isNews) {
    await appendAudit(tenant, {
      action: 'api_keys.rotation.first_use',
      category: 'api_access',
      targets: [
        { type: 'api_key', id: typeId('key', newKey.id), name: newKey.name },
        { type: 'key_rotation', id: typeId('rot', rotation.id) },
      ],
      after: { first_used_at: newKey.firstUsedAt?.toISOString(), ends_at: endsAt.toISOString() },
    });
  }
  return rotation.$query(trx).patchAndFetch({ firstUsedAt: newKey.firstUsedAt, endsAt, updatedAt: now });
}

function endsAtOf(rotation: KeyRotation, oldKey: ApiKey, firstUsedAt: Date | null): Date {
  const end = earlier(rotation.graceEndsAt, oldKey.expiresAt);
  const after = rotation.retireAfterFirstUseMinutes;
  return firstUsedAt === null || after === null ? end : earlier(end, new Date(firstUsedAt.getTime() + after * MINUTE_MS));
}

function endOf(rotation: KeyRotation, oldKey: ApiKey, now: Date): Exclude<RotationEnd, 'aborted'> | null {
  if (oldKey.revokedAt !== null) return 'revoked';
  if (rotation.endsAt > now) return null;
  if (oldKey.expiresAt !== null && oldKey.expiresAt <= rotation.endsAt) return 'expired';
  return rotation.endsAt < rotation.graceEndsAt ? 'new_key_used' : 'grace_over';
}
