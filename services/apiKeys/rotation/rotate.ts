import { KeyRotation } from '../../../db/models/KeyRotation.ts';
import { ApiKey } from '../../../db/models/ApiKey.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueKeyRotation } from '../../outbox/keyRotations.ts';
import type { PromisedKeyRotation } from '../../outbox/keyRotations.ts';
import { publishKeyEvent } from './publishKeyEvent.ts';
import { earlier } from './earlier.ts';
import { endRotation } from './end.ts';
import { insertSuccessor } from './successor.ts';

/** How a key is replaced. */
export interface RotationOrder {
  /** How long the old key works beside the new one. 0: not at all. */
  graceSeconds: number;
  /** End of the new key; null: it gets as long a life as the old one had. */
  expiresAt: Date | null;
  /** The old key goes so long after the first use of the new one, if that comes before the end of its grace; null: it does not matter. */
  retireAfterFirstUseMinutes: number | null;
  cause: KeyRotation['cause'];
}

/** `key` is shown once, or sealed: only its digest stays. */
export interface StartedRotation {
  rotation: KeyRotation;
  oldKey: ApiKey;
  successor: ApiKey;
  key: string;
  /** To be kept after the commit: what starts the workflow. */
  promises: PromisedKeyRotation[];
}

/**
 * Gives a key that the caller has locked its successor, and promises the workflow that retires it. The successor is in the same family and
 * has the same power, addresses, limit, workspace and owner, and a life of its own. `pepper` is API_KEY_PEPPER.
 * Throws conflict for a key that was rotated, revoked or disabled (unless it leaked), or has expired.
 */
export async function rotateApiKey(tenant: TenantContext, pepper: string, oldKey: ApiKey, order: RotationOrder): Promise<StartedRotation> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  await assertRotatable(tenant, oldKey);
  const { row: successor, key } = await insertSuccessor(tenant, pepper, oldKey, order.expiresAt);
  const graceEndsAt = new Date(now.getTime() + order.graceSeconds * 1_000);
  const endsAt = earlier(graceEndsAt, oldKey.expiresAt);
  await ApiKey.query(trx).where({ org_id: actor.orgId, id: oldKey.id }).patch({ rotatedAt: now, retiresAt: endsAt, updatedAt: now });
  const id = newId(clock);
  const { cause, retireAfterFirstUseMinutes } = order;
  await KeyRotation.query(trx).insert({
    orgId: actor.orgId,
    id,
    oldKeyId: oldKey.id,
    newKeyId: successor.id,
    cause,
    graceEndsAt,
    retireAfterFirstUseMinutes,
    endsAt,
    createdAt: now,
    updatedAt: now,
  });
  const rotation = await KeyRotation.query(trx).findOne({ org_id: actor.orgId, id }).throwIfNotFound();
  await report(tenant, { rotation, oldKey, successor });
  if (order.graceSeconds === 0) {
    return { rotation: await endRotation(tenant, rotation, oldKey, 'grace_over'), oldKey, successor, key, promises: [] };
  }
  return { rotation, oldKey, successor, key, promises: [await enqueueKeyRotation(trx, actor.orgId, id)] };
}

async function report(
  tenant: TenantContext,
  { rotation, oldKey, successor }: Pick<StartedRotation, 'rotation' | 'oldKey' | 'successor'>,
): Promise<void> {
  const ends = { grace_ends_at: rotation.graceEndsAt.toISOString(), retire_after_first_use_minutes: rotation.retireAfterFirstUseMinutes };
  await appendAudit(tenant, {
    action: 'api_keys.rotate',
    category: 'system_config',
    targets: [
      { type: 'api_key', id: typeId('key', oldKey.id), name: oldKey.name },
      { type: 'api_key', id: typeId('key', successor.id), name: successor.name },
    ],
    after: { rotation_id: typeId('rot', rotation.id), cause: rotation.cause, ...ends, last4: successor.last4 },
  });
  await publishKeyEvent(tenant, 'api_key.rotated', oldKey, {
    successor_id: typeId('key', successor.id),
    rotation_id: typeId('rot', rotation.id),
    cause: rotation.cause,
    rotated_at: rotation.createdAt.toISOString(),
    grace_ends_at: rotation.graceEndsAt.toISOString(),
  });
}

async function assertRotatable({ trx, actor, clock }: TenantContext, key: ApiKey): Promise<void> {
  const now = clock.now();
  if (key.revokedAt !== null) throw new AppError('conflict', { detail: 'This key was revoked. Create a new one.' });
  if (key.expiresAt !== null && key.expiresAt <= now) throw new AppError('conflict', { detail: 'This key has expired. Create a new one.' });
  // A leaked one may be replaced while it is off; any other was switched off so that who has it can do nothing.
  if (key.disabledAt !== null && key.disabledReason !== 'leaked') {
    throw new AppError('conflict', { detail: 'This key is disabled. Somebody who may has to enable it first.' });
  }
  const rotation = await KeyRotation.query(trx).findOne({ org_id: actor.orgId, old_key_id: key.id }).whereNot({ state: 'aborted' });
  if (rotation === undefined) return;
  const successor = typeId('key', rotation.newKeyId);
  throw new AppError('conflict', { detail: `This key was rotated already: ${successor} succeeds it. Rotate that one.` });
}
