import { User } from '../../db/models/User.ts';
import { findPerson } from '../../db/queries/findPerson.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { resetPasswordMail } from '../mail/templates/resetPassword.ts';
import type { AuthDeps } from './authDeps.ts';
import { auditPerson } from './auditPerson.ts';
import { clientNetwork } from './clientNetwork.ts';
import type { Origin } from './personContext.ts';
import { issuePersonToken } from './personTokens.ts';
import { runAsPerson } from './runAsPerson.ts';
import { typeId } from '../../server/ids.ts';

/**
 * Sends a link for choosing a new password, when the address (normalized) is an account's; who asks learns nothing of that. It also gives a
 * first password to who never had one. Returns the mail to wake after the commit, or none. Throws too_many_attempts.
 */
export async function forgotPassword(
  deps: AuthDeps & { resetLink: (token: string) => string },
  origin: Origin,
  email: string,
): Promise<PromisedMail | null> {
  const { auth, knex, resetLink } = deps;
  await auth.throttle.take('requests', clientNetwork(origin.ip));
  if (!(await auth.throttle.allows('mailbox', email))) return null;
  const known = await findPerson(knex, email);
  if (!known) return null;
  const { userId } = known;
  return runAsPerson(deps, { userId, origin }, async (person) => {
    const user = await User.query(person.trx).findById(userId).throwIfNotFound();
    const { text, expiresAt } = await issuePersonToken(person, { purpose: 'reset_password', email });
    await auditPerson(
      person,
      { email, name: user.name, session: null },
      { action: 'auth.password.forgot', category: 'authentication', targets: [{ type: 'user', id: typeId('usr', userId) }] },
    );
    const data = { token: text, url: resetLink(text), expiresAt };
    return enqueueMail(person, { to: email, template: resetPasswordMail, data, orgId: null, userId, usefulUntil: expiresAt });
  });
}
