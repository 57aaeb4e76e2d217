import type { KeyRotation } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import type { FoundRotation } from './find.ts';

/** Opens with nothing but the row that it was sealed for. */
export const sealedKeyContext = (orgId: string, rotationId: string): string => `key_rotation:${orgId}:${rotationId}`;

/** Hands out the new key of a rotation that the policy began, once; then only its digest is left. Throws conflict when there is none to hand out. */
export async function pickUpKey(
  tenant: TenantContext,
  { oldKey, rotation }: FoundRotation,
): Promise<{ key: string; rotation: KeyRotation }> {
  const { trx, actor, clock, vault } = tenant;
  if (rotation.sealedKey === null) throw new AppError('conflict', { detail: reasonOf(rotation) });
  const key = vault.open(rotation.sealedKey, sealedKeyContext(actor.orgId, rotation.id)).toString('utf8');
  const now = clock.now();
  await appendAudit(tenant, {
    action: 'api_keys.rotation.pick_up',
    category: 'system_config',
    severity: 'warning',
    targets: [
      { type: 'api_key', id: typeId('key', oldKey.id), name: oldKey.name },
      { type: 'key_rotation', id: typeId('rot', rotation.id) },
    ],
    after: { successor_id: typeId('key', rotation.newKeyId) },
  });
  return { key, rotation: await rotation.$query(trx).patchAndFetch({ sealedKey: null, pickedUpAt: now, updatedAt: now }) };
}

function reasonOf({ cause, pickedUpAt }: KeyRotation): string {
  if (pickedUpAt !== null) return `The new key was picked up at ${pickedUpAt.toISOString()}: it is shown once.`;
  return cause === 'request'
    ? 'The new key was shown to who asked for the rotation, and is stored nowhere.'
    : 'The time to pick up the new key is over.';
}
