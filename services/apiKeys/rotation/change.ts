import { ApiKey } from '../../../db/models/ApiKey.ts';
import type { KeyRotation } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { endRotation } from './end.ts';
import type { FoundRotation } from './find.ts';
import { earlier } from './earlier.ts';

const DAY_MS = 86_400_000;
/** However often it is extended: a key that is never retired was never rotated. */
const LONGEST_DAYS = 90;

/** The old key works until `until`, whenever the new one is used. Throws conflict when that is no later than now planned, or too late. */
export async function extendRotation(tenant: TenantContext, { oldKey, rotation }: FoundRotation, until: Date): Promise<KeyRotation> {
  const { trx, actor, clock } = tenant;
  assertOverlapping(rotation);
  const endsAt = earlier(until, oldKey.expiresAt);
  if (endsAt <= rotation.endsAt) {
    throw new AppError('conflict', {
      detail: `The old key works until ${rotation.endsAt.toISOString()} already. To end it earlier, finish the rotation.`,
    });
  }
  const latest = new Date(rotation.createdAt.getTime() + LONGEST_DAYS * DAY_MS);
  if (until > latest)
    throw new AppError('conflict', { detail: `A rotation lasts ${LONGEST_DAYS} days at most: until ${latest.toISOString()}.` });
  const now = clock.now();
  await ApiKey.query(trx).where({ org_id: actor.orgId, id: oldKey.id }).patch({ retiresAt: endsAt, updatedAt: now });
  await appendChange(
    tenant,
    'extend',
    { oldKey, rotation },
    { before: { ends_at: rotation.endsAt.toISOString() }, after: { ends_at: endsAt.toISOString() } },
  );
  return rotation.$query(trx).patchAndFetch({ graceEndsAt: until, endsAt, retireAfterFirstUseMinutes: null, updatedAt: now });
}

/** The old key retires now. Throws conflict when the rotation is over. */
export async function finishRotation(tenant: TenantContext, found: FoundRotation): Promise<KeyRotation> {
  assertOverlapping(found.rotation);
  await appendChange(tenant, 'finish', found, { before: { ends_at: found.rotation.endsAt.toISOString() } });
  return endRotation(tenant, found.rotation, found.oldKey, 'finished_early');
}

/** The new key is revoked and the old one lives on. Throws conflict when the rotation is over, or the new key was rotated itself. */
export async function abortRotation(tenant: TenantContext, found: FoundRotation): Promise<KeyRotation> {
  const { trx, actor, clock } = tenant;
  const { oldKey, rotation } = found;
  assertOverlapping(rotation);
  const now = clock.now();
  const successor = await ApiKey.query(trx).findOne({ org_id: actor.orgId, id: rotation.newKeyId }).forNoKeyUpdate().throwIfNotFound();
  if (successor.retiresAt !== null) {
    throw new AppError('conflict', {
      detail: `The new key, ${typeId('key', successor.id)}, was rotated itself. Abort that rotation first.`,
    });
  }
  const aborted = await rotation
    .$query(trx)
    .patchAndFetch({ state: 'aborted', endedAt: now, endReason: 'aborted', sealedKey: null, updatedAt: now });
  await ApiKey.query(trx).where({ org_id: actor.orgId, id: oldKey.id }).patch({ rotatedAt: null, retiresAt: null, updatedAt: now });
  if (successor.revokedAt === null) await successor.$query(trx).patch({ revokedAt: now, updatedAt: now });
  await appendChange(tenant, 'abort', found, { after: { revoked: typeId('key', successor.id) } });
  return aborted;
}

function assertOverlapping(rotation: KeyRotation): void {
  if (rotation.state === 'overlapping') return;
  const ended = rotation.endedAt?.toISOString() ?? '';
  throw new AppError('conflict', { detail: `This rotation is over: ${rotation.endReason} at ${ended}.` });
}

function appendChange(
  tenant: TenantContext,
  change: 'extend' | 'finish' | 'abort',
  { oldKey, rotation }: FoundRotation,
  changes: { before?: object; after?: object },
): Promise<string> {
  return appendAudit(tenant, {
    action: `api_keys.rotation.${change}`,
    category: 'system_config',
    targets: [
      { type: 'api_key', id: typeId('key', oldKey.id), name: oldKey.name },
      { type: 'key_rotation', id: typeId('rot', rotation.id) },
    ],
    ...changes,
  });
}
