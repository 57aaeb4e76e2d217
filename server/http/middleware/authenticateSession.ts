import type { SessionOrganization, SessionRecord } from '../../../services/auth/sessionRecord.ts';
import type { Actor } from '../../../services/context.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import type { Deps } from '../../deps.ts';
import type { Route } from '../route.ts';
import type { Ctx } from '../state.ts';

/**
 * Lets in the person of a session. What they may do in its organization is looked up, never read from the token.
 * Throws invalid_access_token, access_token_expired, session_ended, organization_not_entered.
 */
export async function authenticateSession(ctx: Ctx, token: string, route: Route, { auth }: Deps): Promise<void> {
  const session = await auth.sessions.authenticate(token);
  ctx.state.session = session;
  if (session.organization) ctx.state.actor = actorOf(session, session.organization, ctx);
  else if (!route.signedIn) throw new AppError('organization_not_entered');
}

const actorOf = (session: SessionRecord, { id: orgId, membershipId, permissions }: SessionOrganization, ctx: Ctx): Actor => ({
  type: 'user',
  id: session.userId,
  name: session.name ?? session.email,
  orgId,
  workspaceId: null,
  permissions,
  ip: ctx.ip,
  userAgent: ctx.req.headers['user-agent'] ?? null,
  requestId: ctx.state.requestId,
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
