import type { ApiKeyView } from '../../../db/queries/selectApiKeys.ts';
import type { KeyRotation } from '../../../db/models/KeyRotation.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueKeyRotation } from '../../outbox/keyRotations.ts';
import type { PromisedKeyRotation } from '../../outbox/keyRotations.ts';
import { findApiKey } from '../find.ts';
import { assertMayPickUp, assertMayProlong, assertMayRotate } from './assertMayRotate.ts';
import { abortRotation, extendRotation, finishRotation } from './change.ts';
import { findRotation } from './find.ts';
import type { FoundRotation } from './find.ts';
import { pickUpKey } from './pickUp.ts';

/** A rotation with both of its keys, as they are now. */
export interface RotationWithKeys extends FoundRotation {
  successor: ApiKeyView;
}

export type RotationChange = { kind: 'extend'; graceSeconds: number } | { kind: 'finish' } | { kind: 'abort' };

/** The latest rotation of a key that the actor may see. Throws not_found. */
export async function readRotation(tenant: TenantContext, keyId: string): Promise<RotationWithKeys> {
  return withKeys(tenant, (await findRotation(tenant, keyId)).rotation);
}

/**
 * Changes a rotation at once, and promises to tell its workflow. Throws not_found, permission_denied for who could not have rotated the key,
 * and conflict when the rotation is over.
 */
export async function changeByRequest(
  tenant: TenantContext,
  keyId: string,
  change: RotationChange,
): Promise<{ view: RotationWithKeys; promise: PromisedKeyRotation }> {
  const found = await findRotation(tenant, keyId, { forChange: true });
  await assertMayRotate(tenant, found.oldKey, found.rotation.newKeyId);
  if (change.kind !== 'finish') assertMayProlong(tenant, found.oldKey, await findApiKey(tenant, found.rotation.newKeyId));
  const changed = await apply(tenant, found, change);
  const promise = await enqueueKeyRotation(tenant.trx, tenant.actor.orgId, changed.id);
  return { view: await withKeys(tenant, changed), promise };
}

/** Hands the successor that waits to who may rotate the key: once. Throws as changeByRequest does. */
export async function pickUpByRequest(tenant: TenantContext, keyId: string): Promise<RotationWithKeys & { key: string }> {
  const found = await findRotation(tenant, keyId, { forChange: true });
  await assertMayRotate(tenant, found.oldKey);
  const successor = await findApiKey(tenant, found.rotation.newKeyId);
  assertMayPickUp(tenant, found.oldKey, successor);
  if (successor.revokedAt !== null) throw new AppError('conflict', { detail: 'The new key was revoked before anybody picked it up.' });
  const { key, rotation } = await pickUpKey(tenant, found);
  return { ...(await withKeys(tenant, rotation)), key };
}

function apply(tenant: TenantContext, found: FoundRotation, change: RotationChange): Promise<KeyRotation> {
  if (change.kind === 'finish') return finishRotation(tenant, found);
  if (change.kind === 'abort') return abortRotation(tenant, found);
  return extendRotation(tenant, found, new Date(tenant.clock.now().getTime() + change.graceSeconds * 1_000));
}

export async function withKeys(tenant: TenantContext, rotation: KeyRotation): Promise<RotationWithKeys> {
  return { rotation, oldKey: await findApiKey(tenant, rotation.oldKeyId), successor: await findApiKey(tenant, rotation.newKeyId) };
}
