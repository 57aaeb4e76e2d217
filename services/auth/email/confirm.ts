import { Password } from '../../../db/models/Password.ts';
import { PersonToken } from '../../../db/models/PersonToken.ts';
import { User } from '../../../db/models/User.ts';
import { typeId } from '../../../server/ids.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueMail } from '../../mail/enqueueMail.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { emailChangedMail } from '../../mail/templates/emailChanged.ts';
import { auditPerson } from '../auditPerson.ts';
import type { AuthDeps } from '../authDeps.ts';
import { guardedByAddress } from '../guardedByAddress.ts';
import type { Origin, PersonContext } from '../personContext.ts';
import { ownerOfToken, usePersonToken, voidPersonTokens } from '../personTokens.ts';
import { revokeSessions } from '../revokeSessions.ts';
import { runAsPerson } from '../runAsPerson.ts';

export interface EmailChanged {
  email: string;
  /** To the address of before. */
  mail: PromisedMail;
}

/**
 * The mailbox is the person's, because they have its link and know the password of the account: from now on it is their address, and verified.
 * Without the password a stranger could have somebody's mailbox confirm the stranger's account, and join organizations by its domain. The session
 * that asked goes on; every other one ends, and so do links to the address of before.
 * Throws invalid_link, wrong_password, too_many_attempts, conflict (somebody else has the address).
 */
export async function confirmEmailChange(
  deps: AuthDeps,
  origin: Origin,
  { token, password }: { token: string; password: string },
): Promise<EmailChanged> {
  const { throttle } = deps.auth;
  return guardedByAddress(throttle, origin, async () => {
    const { userId, digest } = ownerOfToken('change_email', token);
    const who = { userId, origin };
    const hash = await assertKnowsPassword(deps, who, { digest, password });
    const changed = await runAsPerson(deps, who, (person) => change(person, digest, hash));
    // Whatever was guessed at the new address while it was nobody's.
    await throttle.reset('password', changed.email);
    return changed;
  });
}

/** Guesses are counted for each link, so that who does not have it cannot use them up. Returns the hash that was matched. */
async function assertKnowsPassword(
  deps: AuthDeps,
  who: { userId: string; origin: Origin },
  { digest, password }: { digest: Buffer; password: string },
): Promise<string> {
  const { throttle, hasher } = deps.auth;
  const { link, stored } = await runAsPerson(deps, who, async ({ trx, userId, clock }) => ({
    link: await PersonToken.query(trx)
      .findOne({ user_id: userId, purpose: 'change_email', digest, used_at: null })
      .where('expires_at', '>', clock.now()),
    stored: await Password.query(trx).findById(userId),
  }));
  if (!link) throw new AppError('invalid_link');
  await throttle.take('password', link.id);
  if (!stored || !(await hasher.verify(stored.hash, password))) {
    throw new AppError('wrong_password', {
      detail: 'This is not the password of the account that asked for this address. If that was not you, ignore the mail.',
    });
  }
  await throttle.reset('password', link.id);
  return stored.hash;
}

async function change(person: PersonContext, digest: Buffer, hash: string): Promise<EmailChanged> {
  const { trx, userId, clock } = person;
  const { email, sessionId } = await usePersonToken(person, 'change_email', digest);
  const user = await User.query(trx).findOne({ id: userId, deleted_at: null }).forUpdate();
  const password = await Password.query(trx).findById(userId);
  if (!user || password?.hash !== hash) throw new AppError('invalid_link');
  const { email: before, name } = user;
  await trx.raw('SELECT release_unproven_address(?)', [email]);
  const now = clock.now();
  await User.query(trx).findById(userId).patch({ email, emailVerifiedAt: now, updatedAt: now });
  await voidPersonTokens(person, ['verify_email', 'reset_password']);
  await revokeSessions(person, { ...(sessionId !== null && { except: sessionId }), reason: 'email_changed' });
  await auditPerson(
    person,
    { email: before, name, session: null },
    {
      action: 'auth.email.confirm',
      category: 'user_management',
      severity: 'warning',
      targets: [{ type: 'user', id: typeId('usr', userId) }],
      before: { email: before },
      after: { email },
    },
  );
  const data = { next: email, at: now, ip: person.origin.ip };
  return { email, mail: await enqueueMail(person, { to: before, template: emailChangedMail, data, orgId: null, userId }) };
}
