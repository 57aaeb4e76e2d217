import type { Grant } from '../../db/queries/grant.ts';
import { organizationSettings } from '../organizations/settings.ts';
import type { MfaSettings } from '../organizations/settings.ts';
import type { PersonContext } from '../auth/personContext.ts';
import { concerns } from './policy.ts';

/** An organization of the person that asks for a second factor. `orgId` is a database uuid. */
export interface Demand {
  orgId: string;
  name: string;
  policy: MfaSettings;
}

const MEMBERSHIPS = `SELECT o.org_id, o.name, o.settings, s.grants FROM organizations_of(:userId) o, find_session(:sessionId, o.org_id) s
  WHERE o.deleted_at IS NULL AND s.membership_id IS NOT NULL ORDER BY o.org_id`;

/** The organizations whose policy concerns this person, by the roles held there. `sessionId` is one of the person's. */
export async function demandsOn({ trx, userId }: Pick<PersonContext, 'trx' | 'userId'>, sessionId: string): Promise<Demand[]> {
  type Membership = { org_id: string; name: string; settings: unknown; grants: Grant[] };
  const { rows } = await trx.raw<{ rows: Membership[] }>(MEMBERSHIPS, { userId, sessionId });
  return rows
    .map(({ org_id: orgId, name, settings, grants }) => ({ orgId, name, grants, policy: organizationSettings(settings).mfa }))
    .filter(({ policy, grants }) => concerns(policy, grants))
    .map(({ orgId, name, policy }) => ({ orgId, name, policy }));
}
