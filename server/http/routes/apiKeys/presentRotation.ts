import type { z } from 'zod';
import type { ApiKey } from '../../../../db/models/ApiKey.ts';
import type { KeyRotation } from '../../../../db/models/KeyRotation.ts';
import type { ApiKeyView } from '../../../../db/queries/selectApiKeys.ts';
import { typeId } from '../../../ids.ts';
import { presentApiKey } from './present.ts';
import type { KeyRotationOut, RotatedApiKey } from './rotationSchemas.ts';

type Out = z.input<typeof KeyRotationOut>;

/** A rotation with the two keys that it is about. */
export interface RotationView {
  rotation: KeyRotation;
  oldKey: ApiKey;
  successor: ApiKeyView;
}

export function presentRotation({ rotation, oldKey, successor }: RotationView): Out {
  return {
    id: typeId('rot', rotation.id),
    api_key_id: typeId('key', rotation.oldKeyId),
    successor_id: typeId('key', rotation.newKeyId),
    cause: rotation.cause,
    state: rotation.state,
    started_at: rotation.createdAt.toISOString(),
    grace_ends_at: rotation.graceEndsAt.toISOString(),
    retire_after_first_use_minutes: rotation.retireAfterFirstUseMinutes,
    retires_at: rotation.state === 'aborted' ? null : rotation.endsAt.toISOString(),
    old_key: { last_used_at: oldKey.lastUsedAt?.toISOString() ?? null, last_used_ip: oldKey.lastUsedIp },
    new_key: { first_used_at: successor.firstUsedAt?.toISOString() ?? null, handover: handoverOf(rotation) },
    ended_at: rotation.endedAt?.toISOString() ?? null,
    end_reason: rotation.endReason,
  };
}

/** `key` is shown in this answer and in none after it. */
export const presentRotated = ({ key, ...view }: RotationView & { key: string }): z.input<typeof RotatedApiKey> => ({
  ...presentApiKey(view.successor),
  key,
  rotation: presentRotation(view),
});

function handoverOf({ cause, sealedKey, pickedUpAt }: KeyRotation): Out['new_key']['handover'] {
  if (cause === 'request') return 'shown';
  if (pickedUpAt !== null) return 'picked_up';
  return sealedKey === null ? 'withdrawn' : 'waiting';
}
