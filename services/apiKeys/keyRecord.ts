import type { FoundApiKey } from '../../db/queries/findApiKey.ts';
import { permissionsOf } from '../access/grants.ts';
import { usableScopes } from '../access/workspacePermissions.ts';
import { addressList } from '../network/addressList.ts';
import type { AddressList } from '../network/addressList.ts';
import { organizationSettings } from '../organizations/settings.ts';
import type { Permission } from '../permissions.ts';
import { isPlan } from '../plans.ts';
import type { Plan } from '../plans.ts';
import { lifetimeEnd } from './lifetime.ts';

/** A key as the check of a request needs it. Shared between requests through the cache: never changed. */
export interface KeyRecord {
  id: string;
  keyId: string;
  orgId: string;
  /** Keys that succeeded each other share a limit. */
  familyId: string;
  workspaceId: string | null;
  name: string;
  digest: Buffer;
  /** Effective: its scopes, and of a person's key those that the person holds at present. */
  permissions: ReadonlySet<Permission>;
  plan: Plan;
  /** null follows the plan, 0 is no limit. */
  rateLimitPerHour: number | null;
  organizationDeleted: boolean;
  /** Whether the organization lets keys in at all. */
  apiEnabled: boolean;
  /** null: the organization's. */
  ownerUserId: string | null;
  /** False for the key of somebody who is no active member any more. */
  ownerActive: boolean;
  /** Lists of addresses, of the key and of the organization: the caller's must be in each. */
  allowedFrom: readonly AddressList[];
  /** The end that the organization's policy sets, counted from when it was created. */
  lifetimeEndsAt: Date | null;
  expiresAt: Date | null;
  rotatedAt: Date | null;
  /** End of its grace: it was rotated. */
  retiresAt: Date | null;
  disabledAt: Date | null;
  revokedAt: Date | null;
}

/** Scopes and roles that the registry does not know (any more) grant nothing; nor does a key bound to a workspace reach what is the whole organization's. */
export function toKeyRecord(found: FoundApiKey): KeyRecord {
  const { apiEnabled, apiKeys: policy } = organizationSettings(found.org_settings);
  const isUsers = found.owner_type === 'user';
  return {
    id: found.id,
    keyId: found.key_id,
    orgId: found.org_id,
    familyId: found.family_id,
    workspaceId: found.workspace_id,
    name: found.name,
    digest: found.digest,
    permissions: effectivePermissions(found),
    plan: isPlan(found.org_plan) ? found.org_plan : 'free',
    rateLimitPerHour: found.rate_limit_per_hour,
    organizationDeleted: found.org_deleted,
    apiEnabled,
    ownerUserId: found.owner_user_id,
    ownerActive: !isUsers || found.owner_grants !== null,
    allowedFrom: [found.allowed_ips, policy.allowedIps].filter((cidrs) => cidrs.length > 0).map(addressList),
    lifetimeEndsAt: lifetimeEnd(found.created_at, policy.maxLifetimeDays),
    expiresAt: found.expires_at,
    rotatedAt: found.rotated_at,
    retiresAt: found.retires_at,
    disabledAt: found.disabled_at,
    revokedAt: found.revoked_at,
  };
}

function effectivePermissions({
  scopes,
  owner_type: ownerType,
  owner_grants: grants,
  workspace_id: workspaceId,
}: FoundApiKey): ReadonlySet<Permission> {
  const known = usableScopes({ scopes, workspaceId });
  if (ownerType === 'organization') return new Set(known);
  const held = permissionsOf(grants ?? [], workspaceId);
  return new Set(known.filter((scope) => held.has(scope)));
}
