import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialRequestOptionsJSON,
  VerifiedAuthenticationResponse,
} from '@simplewebauthn/server';
import { WebauthnCredential } from '../../../db/models/WebauthnCredential.ts';
import type { PersonContext } from '../../auth/personContext.ts';
import type { FactorProof } from '../factorProof.ts';
import { challengeOf } from './challengeOf.ts';
import { CHALLENGE_SECONDS, newChallenge, useUpChallenge } from './challenges.ts';
import { webauthnLibrary } from './library.ts';
import type { RelyingParty } from './relyingParty.ts';

export interface Assertion {
  response: AuthenticationResponseJSON;
  /** The session or the pending login that asked for the options. */
  boundTo: string;
}

/** What the browser needs to have one of the person's credentials sign (WebAuthn 5.5). */
export async function authenticationOptions(
  person: PersonContext,
  { id }: RelyingParty,
  boundTo: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { trx, userId } = person;
  const known = await WebauthnCredential.query(trx).where({ user_id: userId }).orderBy('id');
  const { generateAuthenticationOptions } = await webauthnLibrary();
  const challenge = await newChallenge(person, 'authenticate', boundTo);
  return generateAuthenticationOptions({
    rpID: id,
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    timeout: CHALLENGE_SECONDS * 1_000,
    allowCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: transports as AuthenticatorTransport[],
    })),
    userVerification: 'preferred',
  });
}

/**
 * Accepts the signature of one of this person's credentials under a challenge that `boundTo` was given, once. Null when the challenge, the
 * origin, the site, the credential, its counter or the signature is wrong. User verification is not asked for: the password was the first factor.
 */
export async function verifyAssertion(
  person: PersonContext,
  relyingParty: RelyingParty,
  { response, boundTo }: Assertion,
): Promise<FactorProof | null> {
  const { trx, userId } = person;
  const challenge = challengeOf(response.response.clientDataJSON);
  if (challenge === null || !(await useUpChallenge(person, { challenge, purpose: 'authenticate', boundTo }))) return null;
  const credential = await WebauthnCredential.query(trx).findOne({ user_id: userId, credential_id: response.id });
  if (!credential) return null;
  const verified = await verify(relyingParty, challenge, response, credential);
  if (verified === null || !(await recordUse(person, credential, verified))) return null;
  return { factor: 'webauthn', amr: [credential.synced ? 'swk' : 'hwk'] };
}

type Verified = VerifiedAuthenticationResponse['authenticationInfo'];

async function verify(
  { id, origins }: RelyingParty,
  expectedChallenge: string,
  response: AuthenticationResponseJSON,
  { credentialId, publicKey, counter }: WebauthnCredential,
): Promise<Verified | null> {
  const { verifyAuthenticationResponse } = await webauthnLibrary();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origins,
      expectedRPID: id,
      credential: { id: credentialId, publicKey: Uint8Array.from(publicKey), counter },
      requireUserVerification: false,
    });
    return verified ? authenticationInfo : null;
  } catch {
    // The package throws for whatever is wrong with the answer; it is the caller's, and the caller learns no more than that.
    return null;
  }
}

/** A counter that does not grow is the sign of a copied authenticator (WebAuthn 6.1.1); one that stays 0 says that it counts nothing. */
async function recordUse(
  { trx, userId, clock }: PersonContext,
  { id }: WebauthnCredential,
  { newCounter, credentialBackedUp }: Verified,
): Promise<boolean> {
  const changed = await WebauthnCredential.query(trx)
    .where({ user_id: userId, id })
    .where('counter', newCounter === 0 ? '=' : '<', newCounter)
    .patch({ counter: newCounter, backedUp: credentialBackedUp, lastUsedAt: clock.now() });
  return changed === 1;
}
