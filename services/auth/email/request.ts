import { findPerson } from '../../../db/queries/findPerson.ts';
import { typeId } from '../../../server/ids.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueMail } from '../../mail/enqueueMail.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { changeEmailMail } from '../../mail/templates/changeEmail.ts';
import { emailChangeAskedMail } from '../../mail/templates/emailChangeAsked.ts';
import { emailTakenMail } from '../../mail/templates/emailTaken.ts';
import { actingPerson } from '../actingPerson.ts';
import { auditPerson } from '../auditPerson.ts';
import type { Origin, PersonContext } from '../personContext.ts';
import { issuePersonToken, voidPersonTokens } from '../personTokens.ts';
import { runAsPerson } from '../runAsPerson.ts';
import type { SessionRecord } from '../sessionRecord.ts';
import type { GuardedDeps } from '../tellLocked.ts';
import { assertReauthenticated } from './reauthenticate.ts';

export interface EmailChange {
  /** Normalized. */
  email: string;
  /** What proves the person who has no second factor. */
  currentPassword: string | undefined;
}

/**
 * Asks for another address: a link goes to the new one, a notice to the present one, and nothing changes until the link is followed. An earlier
 * link ends. An address that has an account gets the news of that in place of a link, and who asks cannot tell. Returns the mails to wake after the
 * commit. Throws validation_failed, wrong_password, step_up_required, too_many_attempts.
 */
export async function requestEmailChange(
  deps: GuardedDeps & { changeLink: (token: string) => string },
  { origin, session }: { origin: Origin; session: SessionRecord },
  { email, currentPassword }: EmailChange,
): Promise<PromisedMail[]> {
  const { auth, knex, changeLink, forgotLink } = deps;
  const { userId } = session;
  if (email === session.email) throw ownAddress();
  await assertReauthenticated(deps, { origin, session }, currentPassword);
  await auth.throttle.take('email_changes', userId);
  const mayMail = await auth.throttle.allows('mailbox', email);
  const known = await findPerson(knex, email);
  const isTaken = known !== null && known.emailVerifiedAt !== null;
  return runAsPerson(deps, { userId, origin }, async (person) => {
    await voidPersonTokens(person, ['change_email']);
    await auditPerson(person, actingPerson(session), {
      action: 'auth.email.change',
      category: 'user_management',
      severity: 'warning',
      targets: [{ type: 'user', id: typeId('usr', userId) }],
    });
    const notice = await tellPresentOwner(person, session.email, { next: email, forgot: forgotLink });
    if (!mayMail) return [notice];
    return [notice, isTaken ? await tellAccountOwner(person, email) : await sendLink(person, session, { email, link: changeLink })];
  });
}

const ownAddress = (): AppError => {
  const message = 'is the address of your account already';
  return new AppError('validation_failed', { detail: `body.email ${message}`, fields: [{ location: 'body.email', message }] });
};

const tellPresentOwner = (person: PersonContext, to: string, { next, forgot }: { next: string; forgot: string }): Promise<PromisedMail> =>
  enqueueMail(person, {
    to,
    template: emailChangeAskedMail,
    data: { next, at: person.clock.now(), ip: person.origin.ip, resetUrl: forgot },
    orgId: null,
    userId: person.userId,
  });

const tellAccountOwner = (person: PersonContext, to: string): Promise<PromisedMail> =>
  enqueueMail(person, { to, template: emailTakenMail, data: {}, orgId: null, userId: person.userId });

async function sendLink(
  person: PersonContext,
  { id: sessionId }: SessionRecord,
  { email, link }: { email: string; link: (token: string) => string },
): Promise<PromisedMail> {
  const { text, expiresAt } = await issuePersonToken(person, { purpose: 'change_email', email, sessionId });
  const data = { token: text, url: link(text), expiresAt };
  return enqueueMail(person, { to: email, template: changeEmailMail, data, orgId: null, userId: person.userId, usefulUntil: expiresAt });
}
