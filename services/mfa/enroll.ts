import type { PersonContext } from '../auth/personContext.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import type { FactorChange } from '../mail/templates/secondFactorChanged.ts';
import type { WebauthnCredential } from '../../db/models/WebauthnCredential.ts';
import { confirmTotp } from './confirmTotp.ts';
import type { FactorProof } from './factorProof.ts';
import { factorsOf, hasFactor } from './factors.ts';
import { lockFactors } from './lockFactors.ts';
import { issueRecoveryCodes } from './recoveryCodes.ts';
import { reportChange } from './reportChange.ts';
import type { Owner } from './reportChange.ts';
import { stepUp } from './stepUp.ts';
import type { SteppedUp } from './stepUp.ts';
import type { FactorDeps } from './verifyFactor.ts';
import { registerCredential } from './webauthn/register.ts';
import type { NewCredential } from './webauthn/register.ts';

/** A factor was set up, and used in this session with that. */
export interface Enrolled {
  stepped: SteppedUp;
  /** Ten codes with the first factor, shown here and never again; null with a further one. */
  recoveryCodes: string[] | null;
  mail: PromisedMail;
}

/** Takes the authenticator app whose code is shown into use. Throws conflict, second_factor_refused. */
export async function enrollTotp(
  person: PersonContext,
  { pepper }: FactorDeps,
  { owner, code, action }: { owner: Owner; code: string; action: string },
): Promise<Enrolled> {
  await lockFactors(person);
  const isFirst = !hasFactor(await factorsOf(person));
  const proof = await confirmTotp(person, code);
  return finish(person, { owner, action, change: 'totp_added', proof, pepper, isFirst });
}

/** Keeps a passkey or security key. A refusal is returned and not thrown: the challenge was used up with it. */
export async function enrollCredential(
  person: PersonContext,
  { pepper, relyingParty }: FactorDeps,
  { owner, action, ...input }: NewCredential & { owner: Owner; action: string },
): Promise<(Enrolled & { credential: WebauthnCredential }) | AppError> {
  await lockFactors(person);
  const isFirst = !hasFactor(await factorsOf(person));
  const credential = await registerCredential(person, relyingParty, input);
  if (credential instanceof AppError) return credential;
  const proof: FactorProof = { factor: 'webauthn', amr: [credential.synced ? 'swk' : 'hwk'] };
  return { credential, ...(await finish(person, { owner, action, change: 'credential_added', proof, pepper, isFirst })) };
}

interface NewFactor {
  owner: Owner;
  action: string;
  change: FactorChange;
  proof: FactorProof;
  pepper: string;
  isFirst: boolean;
}

async function finish(person: PersonContext, { owner, action, change, proof, pepper, isFirst }: NewFactor): Promise<Enrolled> {
  const recoveryCodes = isFirst ? await issueRecoveryCodes(person, pepper) : null;
  const stepped = await stepUp(person, owner.id, proof);
  return { stepped, recoveryCodes, mail: await reportChange(person, owner, action, change) };
}
