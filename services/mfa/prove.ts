import { hash } from 'node:crypto';
import { User } from '../../db/models/User.ts';
import { typeId } from '../../server/ids.ts';
import type { AccessTokens } from '../auth/accessTokens.ts';
import { auditPerson } from '../auth/auditPerson.ts';
import type { ActingPerson } from '../auth/auditPerson.ts';
import { completeLogin } from '../auth/completeLogin.ts';
import type { PendingLogin } from '../auth/pendingLogin.ts';
import type { PersonContext } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { StartedSession } from '../auth/startSession.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import type { FactorProof } from './factorProof.ts';
import { tellPerson } from './reportChange.ts';
import { stepUp } from './stepUp.ts';
import type { SteppedUp } from './stepUp.ts';
import { verifyFactor } from './verifyFactor.ts';
import type { FactorClaim, FactorDeps } from './verifyFactor.ts';

/** For what a factor is proven: a sign-in that waits for it, or a session that steps up. */
export type Claimant = { pending: PendingLogin; token: string } | { session: SessionRecord };

/** What came of it: a new session, or the same one that proved more. */
export type Proven = { started: StartedSession; mails: PromisedMail[] } | { stepped: SteppedUp; mails: PromisedMail[] };

export const userOf = (claimant: Claimant): string => ('pending' in claimant ? claimant.pending.userId : claimant.session.userId);

/** What a WebAuthn challenge is bound to: nobody but who asked for it can answer. */
export const bindingOf = (claimant: Claimant): string =>
  'pending' in claimant ? `login:${hash('sha256', claimant.token, 'base64url')}` : `session:${claimant.session.id}`;

/**
 * Looks at what is shown and, when it is good, ends the sign-in or steps the session up; null when it is not, which is on record too.
 * The transaction has to be committed in both cases. Throws invalid_mfa_token, session_ended.
 */
export async function proveFactor(
  person: PersonContext,
  deps: FactorDeps & { tokens: AccessTokens },
  { claimant, claim, action }: { claimant: Claimant; claim: FactorClaim; action: string },
): Promise<Proven | null> {
  const proof = await verifyFactor(person, deps, claim);
  const who = await whoIs(person, claimant);
  if (!proof) {
    await report(person, who, { action, factor: claim.method, proven: false });
    return null;
  }
  const mails = proof.factor === 'recovery_code' ? [await tellPerson(person, who.email, 'recovery_code_used')] : [];
  if ('pending' in claimant) {
    return { started: await completeLogin(person, deps.tokens, { pending: claimant.pending, factor: proof }), mails };
  }
  const stepped = await stepUp(person, claimant.session.id, proof);
  await report(person, who, { action, factor: proof.factor, proven: true });
  return { stepped, mails };
}

async function whoIs({ trx, userId }: PersonContext, claimant: Claimant): Promise<ActingPerson> {
  if ('session' in claimant) return { email: claimant.session.email, name: claimant.session.name, session: claimant.session };
  const user = await User.query(trx).findById(userId).throwIfNotFound();
  return { email: user.email, name: user.name, session: null };
}

interface Outcome {
  action: string;
  factor: FactorProof['factor'];
  proven: boolean;
}

const report = (person: PersonContext, who: ActingPerson, { action, factor, proven }: Outcome): Promise<void> =>
  auditPerson(person, who, {
    action,
    category: 'authentication',
    targets: [{ type: 'user', id: typeId('usr', person.userId) }],
    after: { factor },
    ...(!proven && { severity: 'warning', outcome: 'failure', reason: 'the second factor was not accepted' }),
  });
