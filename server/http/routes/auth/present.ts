import type { Session } from '../../../../db/models/Session.ts';
import type { User } from '../../../../db/models/User.ts';
import { ACCESS_TOKEN_SECONDS } from '../../../../services/auth/accessTokens.ts';
import type { IssuedSession } from '../../../../services/auth/issueSession.ts';
import type { LoginResult } from '../../../../services/auth/login.ts';
import type { OwnOrganization } from '../../../../services/auth/ownOrganizations.ts';
import type { SessionRecord } from '../../../../services/auth/sessionRecord.ts';
import type { StartedSession } from '../../../../services/auth/startSession.ts';
import type { Factors } from '../../../../services/mfa/factors.ts';
import { typeId } from '../../../ids.ts';

const orgIdOf = (orgId: string | null): string | null => (orgId === null ? null : typeId('org', orgId));

export const presentTokens = (issued: IssuedSession) => ({
  access_token: issued.accessToken,
  token_type: 'Bearer' as const,
  expires_in: ACCESS_TOKEN_SECONDS,
  refresh_token: issued.refreshToken,
  refresh_token_expires_at: issued.refreshExpiresAt.toISOString(),
  session_id: typeId('ses', issued.sessionId),
  organization_id: orgIdOf(issued.orgId),
});

export const presentUser = (user: User) => ({
  id: typeId('usr', user.id),
  email: user.email,
  name: user.name,
  email_verified_at: user.emailVerifiedAt?.toISOString() ?? null,
  created_at: user.createdAt.toISOString(),
});

export const presentSignedIn = (session: StartedSession) => ({
  status: 'signed_in' as const,
  ...presentTokens(session),
  user: presentUser(session.user),
});

export function presentLogin(result: LoginResult) {
  if (result.status === 'signed_in') return presentSignedIn(result.session);
  return {
    status: 'mfa_required' as const,
    mfa_token: result.mfaToken,
    expires_at: result.expiresAt.toISOString(),
    methods: methodsOf(result.factors),
  };
}

function methodsOf({ totp, credentials, recoveryCodesLeft }: Factors): ('totp' | 'webauthn' | 'recovery_code')[] {
  return [
    ...(totp ? (['totp'] as const) : []),
    ...(credentials.length > 0 ? (['webauthn'] as const) : []),
    ...(recoveryCodesLeft > 0 ? (['recovery_code'] as const) : []),
  ];
}

export const presentOwnOrganization = ({ orgId, name, slug, plan, membershipId, joinedAt }: OwnOrganization) => ({
  id: typeId('org', orgId),
  name,
  slug,
  plan,
  membership_id: typeId('mem', membershipId),
  joined_at: joinedAt.toISOString(),
});

export const presentSession = (session: Session, currentId: string) => ({
  id: typeId('ses', session.id),
  current: session.id === currentId,
  organization_id: orgIdOf(session.activeOrgId),
  amr: session.amr,
  auth_time: session.authTime.toISOString(),
  mfa_at: session.mfaAt?.toISOString() ?? null,
  ip: session.ip,
  user_agent: session.userAgent,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
});

export const presentEntered = (accessToken: string, organization: OwnOrganization | null) => ({
  access_token: accessToken,
  token_type: 'Bearer' as const,
  expires_in: ACCESS_TOKEN_SECONDS,
  organization: organization && presentOwnOrganization(organization),
});

export const presentMe = (user: User, session: SessionRecord, organizations: OwnOrganization[]) => ({
  ...presentUser(user),
  session_id: typeId('ses', session.id),
  organization_id: orgIdOf(session.organization?.id ?? null),
  organizations: organizations.map(presentOwnOrganization),
});
