import type { ApiKey } from '../../db/models/ApiKey.ts';

/** What the audit log keeps of a key: never what could help to guess it. */
export function describeApiKey(key: ApiKey): object {
  return {
    name: key.name,
    scopes: key.scopes,
    owner: key.ownerType,
    last4: key.last4,
    allowed_ips: key.allowedIps,
    rate_limit_per_hour: key.rateLimitPerHour,
    expires_at: key.expiresAt?.toISOString() ?? null,
    disabled_at: key.disabledAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
