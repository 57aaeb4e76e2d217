import { PersonToken } from '../../db/models/PersonToken.ts';
import { User } from '../../db/models/User.ts';
import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { auditPerson } from './auditPerson.ts';
import type { AuthDeps } from './authDeps.ts';
import { guardedByAddress } from './guardedByAddress.ts';
import { assertPassword } from './passwords/policy.ts';
import type { Origin } from './personContext.ts';
import { ownerOfToken, usePersonToken, voidPersonTokens } from './personTokens.ts';
import { revokeSessions } from './revokeSessions.ts';
import { runAsPerson } from './runAsPerson.ts';
import { setPassword } from './setPassword.ts';
import { tellPasswordChanged } from './tellPasswordChanged.ts';

/**
 * Gives the owner of the mailbox a new password, and ends every session. Whoever reads the mailbox owns the address, so it is verified with it;
 * second factors stay. Throws invalid_link, password_refused, too_many_attempts.
 */
export async function resetPassword(
  deps: AuthDeps & { forgotLink: string },
  origin: Origin,
  { token, password }: { token: string; password: string },
): Promise<PromisedMail> {
  const { auth, forgotLink } = deps;
  return guardedByAddress(auth.throttle, origin, async () => {
    const { userId, digest } = ownerOfToken('reset_password', token);
    const who = { userId, origin };
    const found = await runAsPerson(
      deps,
      who,
      async ({ trx }) => await PersonToken.query(trx).findOne({ user_id: userId, digest, used_at: null }),
    );
    if (!found) throw new AppError('invalid_link');
    await assertPassword({ password, email: found.email, location: 'body.password' }, auth.breaches);
    const hash = await auth.hasher.hash(password);
    const mail = await runAsPerson(deps, who, async (person) => {
      const { email } = await usePersonToken(person, 'reset_password', digest);
      const user = await User.query(person.trx).findOne({ id: userId, email, deleted_at: null });
      if (!user) throw new AppError('invalid_link');
      await setPassword(person, hash);
      await voidPersonTokens(person, ['change_email']);
      const now = person.clock.now();
      if (!user.emailVerifiedAt) await User.query(person.trx).findById(userId).patch({ emailVerifiedAt: now, updatedAt: now });
      await revokeSessions(person, { reason: 'password_reset' });
      await auditPerson(
        person,
        { email, name: user.name, session: null },
        {
          action: 'auth.password.reset',
          category: 'authentication',
          severity: 'warning',
          targets: [{ type: 'user', id: typeId('usr', userId) }],
        },
      );
      return tellPasswordChanged(person, email, forgotLink);
    });
    await auth.throttle.reset('password', found.email);
    return mail;
  });
}
