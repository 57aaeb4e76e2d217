import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { Actor } from '../context.ts';

/**
 * A signed-in person as the actor in an organization that the session has not entered: a new one, or one that is to be restored. They hold no
 * permission there; what they may do is the service's to find out.
 */
export const personActor = (
  { session, origin }: { session: SessionRecord; origin: Origin },
  { orgId, membershipId }: { orgId: string; membershipId: string },
): Actor => ({
  type: 'user',
  id: session.userId,
  name: session.name ?? session.email,
  orgId,
  workspaceId: null,
  permissions: new Set(),
  ...origin,
  workflowId: null,
  session: {
    id: session.id,
    email: session.email,
    membershipId,
    amr: session.amr,
    authTime: session.authTime,
    mfaAt: session.mfaAt,
  },
});
