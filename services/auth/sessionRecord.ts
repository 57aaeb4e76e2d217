import type { Grant } from '../../db/queries/grant.ts';
import type { FoundSession } from '../../db/queries/findSession.ts';
import { permissionsOf } from '../access/grants.ts';
import type { Permission } from '../permissions.ts';
import { isPlan } from '../plans.ts';
import type { Plan } from '../plans.ts';

/** A live session as the checks need it; ids are database uuids. Shared between requests through the cache: never changed. */
export interface SessionRecord {
  id: string;
  userId: string;
  email: string;
  name: string | null;
  emailVerifiedAt: Date | null;
  /** How the person proved who they are (RFC 8176). */
  amr: readonly string[];
  authTime: Date;
  mfaAt: Date | null;
  expiresAt: Date;
  /** The organization that the token names, when the person is an active member of it now. */
  organization: SessionOrganization | null;
}

export interface SessionOrganization {
  id: string;
  plan: Plan;
  /** Read it through `organizationSettings`. */
  settings: Record<string, unknown>;
  membershipId: string;
  /** Every role there, of the whole organization and of single workspaces: see `permissionsOf`. */
  grants: readonly Grant[];
  /** What these grant in the organization, outside of its workspaces. */
  permissions: ReadonlySet<Permission>;
}

export function toSessionRecord(found: FoundSession): SessionRecord {
  return {
    id: found.id,
    userId: found.user_id,
    email: found.email,
    name: found.name,
    emailVerifiedAt: found.email_verified_at,
    amr: found.amr,
    authTime: found.auth_time,
    mfaAt: found.mfa_at,
    expiresAt: found.expires_at,
    organization: organizationOf(found),
  };
}

function organizationOf({ org_id, org_plan, org_deleted, org_settings, membership_id, grants }: FoundSession): SessionOrganization | null {
  if (org_id === null || org_deleted === true || membership_id === null) return null;
  return {
    id: org_id,
    plan: org_plan !== null && isPlan(org_plan) ? org_plan : 'free',
    settings: org_settings ?? {},
    membershipId: membership_id,
    grants: grants ?? [],
    permissions: permissionsOf(grants ?? [], null),
  };
}
