import { AppError } from '../errors/AppError.ts';
import type { ErrorCodeName } from '../errors/codes.ts';
import type { KeyRecord } from './keyRecord.ts';

export interface KeyUse {
  now: Date;
  /** Of the peer, or what a trusted proxy said. */
  ip: string;
}

/** Every answer that refuses a key whose secret was proven. */
export const KEY_REFUSALS = [
  'api_key_revoked',
  'api_key_disabled',
  'api_key_retired',
  'api_key_expired',
  'api_key_owner_inactive',
  'api_access_disabled',
  'api_key_policy_violation',
  'ip_not_allowed',
] as const satisfies readonly ErrorCodeName[];

/** Why a key may not be used now and from there, null when it may. To be told only to who holds its secret. */
export function refusalOf(key: KeyRecord, { now, ip }: KeyUse): AppError | null {
  if (key.revokedAt) return refusal('api_key_revoked', `This key was revoked at ${key.revokedAt.toISOString()}. Use another one.`);
  if (key.disabledAt)
    return refusal('api_key_disabled', `This key was disabled at ${key.disabledAt.toISOString()}. An administrator can enable it again.`);
  if (isOver(key.retiresAt, now))
    return refusal('api_key_retired', `This key was replaced, and its grace ended at ${key.retiresAt.toISOString()}. Use its successor.`);
  if (isOver(key.expiresAt, now))
    return refusal('api_key_expired', `This key expired at ${key.expiresAt.toISOString()}. Create a new one.`);
  if (!key.ownerActive) return refusal('api_key_owner_inactive', 'The person whose key this is is no active member of the organization.');
  if (!key.apiEnabled) return refusal('api_access_disabled', 'The organization has switched off access with API keys.');
  if (isOver(key.lifetimeEndsAt, now)) {
    return refusal(
      'api_key_policy_violation',
      `The organization's policy lets no key be as old as this one: its time ended at ${key.lifetimeEndsAt.toISOString()}. Create or rotate one.`,
    );
  }
  if (key.allowedFrom.some((list) => !list.includes(ip)))
    return refusal(
      'ip_not_allowed',
      `This key may not be used from ${ip}: it is outside the addresses that the key or its organization allows.`,
    );
  return null;
}

const isOver = (end: Date | null, now: Date): end is Date => end !== null && end <= now;

const refusal = (code: (typeof KEY_REFUSALS)[number], detail: string): AppError => new AppError(code, { detail });
