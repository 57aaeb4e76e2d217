import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { PersonContext } from '../auth/personContext.ts';
import type { FactorProof } from './factorProof.ts';
import { redeemRecoveryCode } from './recoveryCodes.ts';
import { verifyTotp } from './verifyTotp.ts';
import { verifyAssertion } from './webauthn/authenticate.ts';
import type { RelyingParty } from './webauthn/relyingParty.ts';

/** What somebody shows. */
export type FactorClaim =
  | { method: 'totp' | 'recovery_code'; code: string }
  | { method: 'webauthn'; response: AuthenticationResponseJSON; boundTo: string };

export interface FactorDeps {
  /** API_KEY_PEPPER. */
  pepper: string;
  relyingParty: RelyingParty;
}

/** Uses up what is shown; null when it proves nothing. The transaction has to be committed in both cases: a challenge is used up by a failure too. */
export function verifyFactor(person: PersonContext, { pepper, relyingParty }: FactorDeps, claim: FactorClaim): Promise<FactorProof | null> {
  if (claim.method === 'webauthn') return verifyAssertion(person, relyingParty, claim);
  return claim.method === 'totp' ? verifyTotp(person, claim.code) : redeemRecoveryCode(person, pepper, claim.code);
}
