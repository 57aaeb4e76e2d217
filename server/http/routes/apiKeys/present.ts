import type { z } from 'zod';
import type { ApiKeyView } from '../../../../db/queries/selectApiKeys.ts';
import type { IssuedKey, KeyRequestInput } from '../../../../services/apiKeys/issue.ts';
import type { KeyChanges } from '../../../../services/apiKeys/update.ts';
import { typeId } from '../../../ids.ts';
import type { ApiKeyCreated, ApiKeyIn, ApiKeyOut, ApiKeyPatch } from './schemas.ts';

export const fromApiKeyIn = (body: z.output<typeof ApiKeyIn>): KeyRequestInput => ({
  name: body.name,
  scopes: body.scopes,
  env: body.environment,
  owner: body.owner,
  workspaceId: body.workspace_id,
  expiresAt: body.expires_at,
  rateLimitPerHour: body.rate_limit_per_hour,
  allowedIps: body.allowed_ips,
});

/** The settings that the request names; absent ones stay absent. */
export function fromApiKeyPatch(body: z.output<typeof ApiKeyPatch>): KeyChanges {
  const changes: { [K in keyof KeyChanges]-?: KeyChanges[K] | undefined } = {
    name: body.name,
    scopes: body.scopes,
    expiresAt: body.expires_at,
    rateLimitPerHour: body.rate_limit_per_hour,
    allowedIps: body.allowed_ips,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

const timeOf = (time: Date | null): string | null => time?.toISOString() ?? null;
const idOf = (prefix: 'wsp' | 'usr' | 'key', uuid: string | null): string | null => (uuid === null ? null : typeId(prefix, uuid));

export function presentApiKey(key: ApiKeyView): z.input<typeof ApiKeyOut> {
  return {
    id: typeId('key', key.id),
    name: key.name,
    environment: key.env,
    prefix: key.prefix,
    last4: key.last4,
    scopes: key.scopes,
    owner: key.ownerType,
    owner_user_id: idOf('usr', key.ownerUserId),
    workspace_id: idOf('wsp', key.workspaceId),
    status: key.status,
    expires_at: timeOf(key.endsAt),
    rate_limit_per_hour: key.rateLimitPerHour,
    allowed_ips: key.allowedIps,
    family_id: typeId('key', key.familyId),
    predecessor_id: idOf('key', key.predecessorId),
    retires_at: timeOf(key.retiresAt),
    revoked_at: timeOf(key.revokedAt),
    disabled_at: timeOf(key.disabledAt),
    disabled_reason: key.disabledReason,
    first_used_at: timeOf(key.firstUsedAt),
    last_used_at: timeOf(key.lastUsedAt),
    last_used_ip: key.lastUsedIp,
    created_at: key.createdAt.toISOString(),
    updated_at: (key.updatedAt ?? key.createdAt).toISOString(),
  };
}

export const presentIssuedKey = ({ view, key }: IssuedKey): z.input<typeof ApiKeyCreated> => ({ ...presentApiKey(view), key });

/** What is kept of an answer for a repeat with the same Idempotency-Key: everything but the secret. */
export function withoutKey(body: unknown): unknown {
  const { key: _secret, ...shown } = body as z.output<typeof ApiKeyCreated>;
  return { ...shown, key_redacted: `${shown.prefix}…${shown.last4}` };
}
