import type { ApiKey } from '../../../db/models/ApiKey.ts';
import type { KeyRotation } from '../../../db/models/KeyRotation.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { mailEnd } from './mailEnd.ts';
import { publishKeyEvent } from './publishKeyEvent.ts';

const DAY_MS = 86_400_000;
/** The nearest first: who is told a day before needs not be told of a week. */
const NOTICES = [
  { kind: 'expires_in_1_day', days: 1 },
  { kind: 'expires_in_7_days', days: 7 },
] as const;

/** Why a key ends: `rotation` when the policy replaced it and nobody has picked up its successor yet. */
export interface KeyEnd {
  endsAt: Date;
  rotation: KeyRotation | null;
}

/** Whether it is time to tell of an end. */
export const isNear = (endsAt: Date | null, now: Date): boolean => noticeOf(endsAt, now) !== null;

/** Tells, seven days and one day before a key ends, that it does, by an event and by mail: each once for each end. Returns whether it did now. */
export async function announceEnd(tenant: TenantContext, key: ApiKey, { endsAt, rotation }: KeyEnd): Promise<boolean> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  const notice = noticeOf(endsAt, now);
  if (notice === null) return false;
  const row = { org_id: actor.orgId, key_id: key.id, kind: notice, about: endsAt, created_at: now };
  const inserted = await trx('key_notices').insert(row).onConflict().ignore().returning('kind');
  if (inserted.length === 0) return false;
  const about = { expires_at: endsAt.toISOString(), reason: rotation === null ? 'expiry' : 'rotation_not_picked_up' };
  await appendAudit(tenant, {
    action: 'api_keys.expiring',
    category: 'system_config',
    severity: 'warning',
    targets: [{ type: 'api_key', id: typeId('key', key.id), name: key.name }],
    after: about,
  });
  await publishKeyEvent(tenant, 'api_key.expiring', key, { ...about, ...(rotation && { rotation_id: typeId('rot', rotation.id) }) });
  await mailEnd(tenant, key, { endsAt, replaced: rotation !== null });
  return true;
}

function noticeOf(endsAt: Date | null, now: Date): (typeof NOTICES)[number]['kind'] | null {
  const leftMs = endsAt === null ? 0 : endsAt.getTime() - now.getTime();
  if (leftMs <= 0) return null;
  return NOTICES.find(({ days }) => leftMs <= days * DAY_MS)?.kind ?? null;
}
