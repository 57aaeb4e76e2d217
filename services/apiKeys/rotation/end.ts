import { ApiKey } from '../../../db/models/ApiKey.ts';
import type { KeyRotation, RotationEnd } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';

/** The old key works no more, and the rotation is over. A key that ended before its time (revoked, expired) keeps its own end. */
export async function endRotation(
  tenant: TenantContext,
  rotation: KeyRotation,
  oldKey: ApiKey,
  reason: Exclude<RotationEnd, 'aborted'>,
): Promise<KeyRotation> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  const endsAt = rotation.endsAt < now ? rotation.endsAt : now;
  await ApiKey.query(trx).where({ org_id: actor.orgId, id: oldKey.id }).patch({ retiresAt: endsAt, updatedAt: now });
  await appendAudit(tenant, {
    action: 'api_keys.retire',
    category: 'system_config',
    reason,
    targets: [{ type: 'api_key', id: typeId('key', oldKey.id), name: oldKey.name }],
    after: { rotation_id: typeId('rot', rotation.id), retired_at: endsAt.toISOString() },
  });
  return rotation.$query(trx).patchAndFetch({ state: 'finished', endsAt, endedAt: now, endReason: reason, updatedAt: now });
}
