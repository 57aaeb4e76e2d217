import { Password } from '../../db/models/Password.ts';
import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { actingPerson } from './actingPerson.ts';
import { auditPerson } from './auditPerson.ts';
import { assertPassword } from './passwords/policy.ts';
import type { Origin, PersonContext } from './personContext.ts';
import { voidPersonTokens } from './personTokens.ts';
import { revokeSessions } from './revokeSessions.ts';
import { runAsPerson } from './runAsPerson.ts';
import type { SessionRecord } from './sessionRecord.ts';
import { setPassword } from './setPassword.ts';
import { tellLocked } from './tellLocked.ts';
import type { GuardedDeps } from './tellLocked.ts';
import { tellPasswordChanged } from './tellPasswordChanged.ts';

interface Change {
  current: string;
  next: string;
}

/**
 * Changes the password of who is signed in and knows the current one; every other session ends, and so do links for a reset and to another address.
 * Throws wrong_password, password_refused, too_many_attempts.
 */
export async function changePassword(
  deps: GuardedDeps,
  { origin, session }: { origin: Origin; session: SessionRecord },
  { current, next }: Change,
): Promise<PromisedMail> {
  const { auth, forgotLink } = deps;
  const { userId, email } = session;
  const { begins } = await auth.throttle.take('password', email);
  const stored = await runAsPerson(deps, { userId, origin }, async ({ trx }) => await Password.query(trx).findById(userId));
  if (!(await auth.hasher.verify(stored?.hash ?? null, current))) {
    if (begins) await tellLocked(deps, { userId, origin }, 'password');
    throw new AppError('wrong_password');
  }
  await auth.throttle.reset('password', email);
  await assertPassword({ password: next, email, location: 'body.new_password' }, auth.breaches);
  const hash = await auth.hasher.hash(next);
  return runAsPerson(deps, { userId, origin }, async (person) => {
    await replace(person, stored!.hash, hash);
    await revokeSessions(person, { except: session.id, reason: 'password_changed' });
    await auditPerson(person, actingPerson(session), {
      action: 'auth.password.change',
      category: 'authentication',
      severity: 'warning',
      targets: [{ type: 'user', id: typeId('usr', userId) }],
    });
    return tellPasswordChanged(person, email, forgotLink);
  });
}

/** Throws wrong_password when it was changed at the same moment. */
async function replace(person: PersonContext, before: string, hash: string): Promise<void> {
  const { trx, userId } = person;
  const current = await Password.query(trx).findById(userId).forUpdate();
  if (current?.hash !== before) throw new AppError('wrong_password');
  await setPassword(person, hash);
  await voidPersonTokens(person, ['reset_password', 'change_email']);
}
