import { User } from '../../db/models/User.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import { signInLockedMail } from '../mail/templates/signInLocked.ts';
import type { LockedProof } from '../mail/templates/signInLocked.ts';
import type { MailWaker } from '../mail/waker.ts';
import type { AuthDeps } from './authDeps.ts';
import type { Origin } from './personContext.ts';
import { runAsPerson } from './runAsPerson.ts';

/** For operations at which a person's password or second factor could be guessed. */
export interface GuardedDeps extends AuthDeps {
  mail: Pick<MailWaker, 'wake'>;
  /** Where somebody who forgot the password chooses a new one. */
  forgotLink: string;
}

/** Tells the owner of an account that guesses at it are slowed down from now on: once, when that begins (`begins` of the attempt that failed). */
export async function tellLocked(deps: GuardedDeps, who: { userId: string; origin: Origin }, proof: LockedProof): Promise<void> {
  const mail = await runAsPerson(deps, who, async (person) => {
    const { email: to } = await User.query(person.trx).findById(who.userId).throwIfNotFound();
    const data = { proof, at: person.clock.now(), ip: who.origin.ip, resetUrl: deps.forgotLink };
    return enqueueMail(person, { to, template: signInLockedMail, data, orgId: null, userId: who.userId });
  });
  deps.mail.wake(mail);
}
