import type {
  PublicKeyCredentialCreationOptionsJSON,
  RegistrationResponseJSON,
  VerifiedRegistrationResponse,
} from '@simplewebauthn/server';
import { parse as uuidBytes } from 'uuid';
import { WebauthnCredential } from '../../../db/models/WebauthnCredential.ts';
import { newId } from '../../../server/ids.ts';
import { AppError } from '../../errors/AppError.ts';
import { lockFactors } from '../lockFactors.ts';
import type { PersonContext } from '../../auth/personContext.ts';
import { isSelfAttested } from './attestation.ts';
import { challengeOf } from './challengeOf.ts';
import { CHALLENGE_SECONDS, newChallenge, useUpChallenge } from './challenges.ts';
import { webauthnLibrary } from './library.ts';
import type { RelyingParty } from './relyingParty.ts';

/** EdDSA, ES256, RS256: what authenticators in use can do. */
const ALGORITHMS = [-8, -7, -257];
const MOST_CREDENTIALS = 20;

export interface NewCredential {
  name: string;
  response: RegistrationResponseJSON;
  /** The session that asked for the options. */
  boundTo: string;
}

/** What the browser needs to make a credential (WebAuthn 5.4). Throws conflict when the person has 20 of them. */
export async function registrationOptions(
  person: PersonContext,
  { id, name }: RelyingParty,
  { email, boundTo }: { email: string; boundTo: string },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { trx, userId } = person;
  const known = await WebauthnCredential.query(trx).where({ user_id: userId }).orderBy('id');
  assertRoom(known.length);
  const { generateRegistrationOptions } = await webauthnLibrary();
  const challenge = await newChallenge(person, 'register', boundTo);
  return generateRegistrationOptions({
    rpID: id,
    rpName: name,
    userID: Uint8Array.from(uuidBytes(userId)),
    userName: email,
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    timeout: CHALLENGE_SECONDS * 1_000,
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/**
 * Keeps the credential that an authenticator made for this person and this site. The challenge is used up whatever the outcome;
 * therefore a refusal (second_factor_refused, conflict) is returned and not thrown.
 */
export async function registerCredential(
  person: PersonContext,
  relyingParty: RelyingParty,
  input: NewCredential,
): Promise<WebauthnCredential | AppError> {
  await lockFactors(person);
  const challenge = challengeOf(input.response.response.clientDataJSON);
  const asked = challenge !== null && (await useUpChallenge(person, { challenge, purpose: 'register', boundTo: input.boundTo }));
  if (!asked) return refused('The challenge was not given to this session, was used, or is older than five minutes.');
  const made = await verify(relyingParty, challenge, input.response);
  if (made instanceof AppError) return made;
  return keep(person, input.name, made);
}

type Made = NonNullable<VerifiedRegistrationResponse['registrationInfo']>;

async function verify(
  { id, origins }: RelyingParty,
  expectedChallenge: string,
  response: RegistrationResponseJSON,
): Promise<Made | AppError> {
  const { decodeAttestationObject, verifyRegistrationResponse } = await webauthnLibrary();
  try {
    const attestation = decodeAttestationObject(Uint8Array.from(Buffer.from(response.response.attestationObject, 'base64url')));
    if (!isSelfAttested(attestation)) return refused('No attestation was asked for. Send what the browser returned.');
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origins,
      expectedRPID: id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return registrationInfo ?? refused('The attestation is not valid.');
  } catch (cause) {
    return refused('The answer of the authenticator is not valid for this site.', cause);
  }
}

async function keep({ trx, userId, clock }: PersonContext, name: string, made: Made): Promise<WebauthnCredential | AppError> {
  assertRoom(await WebauthnCredential.query(trx).where({ user_id: userId }).resultSize());
  const { credential } = made;
  const key = { userId, id: newId(clock) };
  const row = {
    ...key,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name,
    aaguid: made.aaguid,
    synced: made.credentialDeviceType === 'multiDevice',
    backedUp: made.credentialBackedUp,
    createdAt: clock.now(),
  };
  // Another person's rows are out of sight, so only the database can tell.
  await WebauthnCredential.query(trx).insert(row).onConflict('credential_id').ignore();
  const kept = await WebauthnCredential.query(trx).findById([key.userId, key.id]);
  return kept ?? new AppError('conflict', { detail: 'This authenticator is registered already.' });
}

function assertRoom(registered: number): void {
  if (registered < MOST_CREDENTIALS) return;
  throw new AppError('conflict', { detail: `${MOST_CREDENTIALS} passkeys and security keys are registered. Remove one first.` });
}

const refused = (detail: string, cause?: unknown): AppError => new AppError('second_factor_refused', { detail, cause });
