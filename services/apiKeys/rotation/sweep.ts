import type { Transaction } from 'objection';
import { ApiKey } from '../../../db/models/ApiKey.ts';
import { KeyRotation } from '../../../db/models/KeyRotation.ts';
import type { TenantContext } from '../../context.ts';
import { organizationSettings } from '../../organizations/settings.ts';
import type { PromisedKeyRotation } from '../../outbox/keyRotations.ts';
import { lifetimeEnd } from '../lifetime.ts';
import { announceEnd, isNear } from './announceEnd.ts';
import { earlierOf } from './earlier.ts';
import { keyPolicy } from './keyPolicy.ts';
import { isOlder, rotateByPolicy } from './rotateByPolicy.ts';
import { withdrawUnclaimed } from './withdrawUnclaimed.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

/** A key that may still be used, or whose successor waits to be picked up. Ids are database uuids. */
export interface LivingKey {
  orgId: string;
  keyId: string;
  /** Whether there may be something to do for it. */
  due: boolean;
}

/** What became of one key. */
export interface KeySwept {
  announced: boolean;
  rotated: boolean;
  promises: PromisedKeyRotation[];
}

const NOTHING: KeySwept = { announced: false, rotated: false, promises: [] };

interface Row {
  org_id: string;
  id: string;
  created_at: Date;
  expires_at: Date | null;
  rotated_at: Date | null;
  settings: unknown;
  waits: boolean;
}

/** The next living keys in the order of their ids, of all organizations. Runs as `artisan_system`. */
export async function livingKeys(
  trx: Transaction,
  { now, after, limit }: { now: Date; after: string | null; limit: number },
): Promise<LivingKey[]> {
  const { rows } = await trx.raw<{ rows: Row[] }>(
    `SELECT k.org_id, k.id, k.created_at, k.expires_at, k.rotated_at, o.settings, r.id IS NOT NULL AS waits
       FROM api_keys k JOIN organizations o ON o.id = k.org_id
       LEFT JOIN key_rotations r ON r.org_id = k.org_id AND r.old_key_id = k.id AND r.sealed_key IS NOT NULL
      WHERE o.deleted_at IS NULL AND k.revoked_at IS NULL AND k.disabled_at IS NULL AND k.id > ?
        AND (r.id IS NOT NULL OR (k.rotated_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?)))
      ORDER BY k.id LIMIT ?`,
    [after ?? FIRST, now, limit],
  );
  return rows.map((row) => ({ orgId: row.org_id, keyId: row.id, due: isDue(row, now) }));
}

function isDue(row: Row, now: Date): boolean {
  const { rotationDays, maxLifetimeDays } = organizationSettings(row.settings).apiKeys;
  const endsAt = earlierOf(row.expires_at, lifetimeEnd(row.created_at, maxLifetimeDays));
  return row.waits || isOlder(row.created_at, rotationDays, now) || isNear(endsAt, now);
}

/** Does for one key what is due. Safe to repeat: what was announced or rotated is not again. */
export async function sweepKey(tenant: TenantContext, pepper: string, keyId: string): Promise<KeySwept> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  const key = await ApiKey.query(trx).findOne({ org_id: actor.orgId, id: keyId }).forNoKeyUpdate();
  if (!key || key.revokedAt !== null || key.disabledAt !== null) return NOTHING;
  const rotation = await KeyRotation.query(trx).findOne({ org_id: actor.orgId, old_key_id: keyId }).whereNot({ state: 'aborted' });
  if (rotation) return sweepRotated(tenant, key, rotation);
  const { rotationDays, maxLifetimeDays } = await keyPolicy(tenant);
  const endsAt = earlierOf(key.expiresAt, lifetimeEnd(key.createdAt, maxLifetimeDays));
  if (endsAt !== null && endsAt <= now) return NOTHING;
  if (isOlder(key.createdAt, rotationDays, now)) {
    return { announced: false, rotated: true, promises: await rotateByPolicy(tenant, pepper, key) };
  }
  return { ...NOTHING, announced: endsAt !== null && (await announceEnd(tenant, key, { endsAt, rotation: null })) };
}

/** A key that somebody rotated is meant to end. One that the policy did ends whether or not anybody has its successor. */
async function sweepRotated(tenant: TenantContext, key: ApiKey, rotation: KeyRotation): Promise<KeySwept> {
  if (rotation.sealedKey === null) return NOTHING;
  await withdrawUnclaimed(tenant, key, rotation);
  return { ...NOTHING, announced: await announceEnd(tenant, key, { endsAt: rotation.endsAt, rotation }) };
}
