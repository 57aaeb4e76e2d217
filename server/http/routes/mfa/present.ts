import type { WebauthnCredential } from '../../../../db/models/WebauthnCredential.ts';
import { ACCESS_TOKEN_SECONDS } from '../../../../services/auth/accessTokens.ts';
import type { SessionRecord } from '../../../../services/auth/sessionRecord.ts';
import type { Demand } from '../../../../services/mfa/demands.ts';
import type { Factors } from '../../../../services/mfa/factors.ts';
import { satisfies } from '../../../../services/mfa/policy.ts';
import type { SteppedUp } from '../../../../services/mfa/stepUp.ts';
import type { Deps } from '../../../deps.ts';
import { typeId } from '../../../ids.ts';

export const presentCredential = ({ id, name, transports, synced, backedUp, createdAt, lastUsedAt }: WebauthnCredential) => ({
  id: typeId('wac', id),
  name,
  transports,
  synced,
  backed_up: backedUp,
  created_at: createdAt.toISOString(),
  last_used_at: lastUsedAt?.toISOString() ?? null,
});

const presentProof = ({ amr, mfaAt }: Pick<SessionRecord, 'amr' | 'mfaAt'>) => ({ amr: [...amr], mfa_at: mfaAt?.toISOString() ?? null });

export const presentFactors = (factors: Factors, demands: Demand[], session: SessionRecord) => ({
  totp: factors.totp && { confirmed_at: (factors.totp.confirmedAt ?? factors.totp.createdAt).toISOString() },
  webauthn: factors.credentials.map(presentCredential),
  recovery_codes_left: factors.recoveryCodesLeft,
  session: presentProof(session),
  required_by: demands.map(({ orgId, name, policy }) => ({
    organization_id: typeId('org', orgId),
    name,
    phishing_resistant_only: policy.phishingResistantOnly,
    grace_until: policy.graceUntil?.toISOString() ?? null,
    satisfied: satisfies(policy, session),
  })),
});

/** A new access token for the session, and what it proved. This process forgets what it knew of it, so that the next request is judged by that. */
export async function presentSteppedUp({ auth }: Pick<Deps, 'auth'>, stepped: SteppedUp) {
  auth.changed(`user:${stepped.userId}`);
  const { token } = await auth.tokens.issue(stepped, stepped.activeOrgId);
  return { access_token: token, token_type: 'Bearer' as const, expires_in: ACCESS_TOKEN_SECONDS, session: presentProof(stepped) };
}
