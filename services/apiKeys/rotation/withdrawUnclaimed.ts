import { ApiKey } from '../../../db/models/ApiKey.ts';
import type { KeyRotation } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';

const DAY_MS = 86_400_000;
/** From the beginning of the rotation; the old key has been retired for weeks by then, unless it was extended. */
const WAITS_DAYS = 30;

/** A key that nobody picked up in 30 days, though its predecessor works no more, is nobody's: it is revoked, and the sealed copy erased. */
export async function withdrawUnclaimed(tenant: TenantContext, oldKey: ApiKey, rotation: KeyRotation): Promise<void> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  const isOver = rotation.state === 'finished' && rotation.createdAt.getTime() + WAITS_DAYS * DAY_MS <= now.getTime();
  if (rotation.sealedKey === null || !isOver) return;
  await ApiKey.query(trx)
    .where({ org_id: actor.orgId, id: rotation.newKeyId })
    .whereNull('revoked_at')
    .patch({ revokedAt: now, updatedAt: now });
  await rotation.$query(trx).patch({ sealedKey: null, updatedAt: now });
  await appendAudit(tenant, {
    action: 'api_keys.rotation.withdraw',
    category: 'system_config',
    severity: 'warning',
    reason: 'not_picked_up',
    targets: [
      { type: 'api_key', id: typeId('key', rotation.newKeyId), name: oldKey.name },
      { type: 'key_rotation', id: typeId('rot', rotation.id) },
    ],
  });
}
