import { PersonToken } from '../../db/models/PersonToken.ts';
import { User } from '../../db/models/User.ts';
import { AppError } from '../errors/AppError.ts';
import { typeId } from '../../server/ids.ts';
import { auditPerson } from './auditPerson.ts';
import type { AuthDeps } from './authDeps.ts';
import { guardedByAddress } from './guardedByAddress.ts';
import type { Origin } from './personContext.ts';
import { ownerOfToken, usePersonToken } from './personTokens.ts';
import { revokeSessions } from './revokeSessions.ts';
import { runAsPerson } from './runAsPerson.ts';
import { setPassword } from './setPassword.ts';

/**
 * The mailbox is the person's, and so is the sign-up whose link this is, because they know its password: the account is verified, with that
 * password and name, and links of other sign-ups end. Without the password, a stranger could sign up with somebody's address and wait until
 * its owner follows the link. Throws invalid_link, wrong_password, too_many_attempts.
 */
export async function verifyEmail(deps: AuthDeps, origin: Origin, { token, password }: { token: string; password: string }): Promise<void> {
  await guardedByAddress(deps.auth.throttle, origin, async () => {
    const { userId, digest } = ownerOfToken('verify_email', token);
    const who = { userId, origin };
    await assertChosen(deps, who, { digest, password });
    await runAsPerson(deps, who, async (person) => {
      const { email, name, passwordHash } = await usePersonToken(person, 'verify_email', digest);
      const user = await User.query(person.trx).findOne({ id: userId, email, deleted_at: null });
      if (!user || user.emailVerifiedAt) throw new AppError('invalid_link');
      const now = person.clock.now();
      await User.query(person.trx)
        .findById(userId)
        .patch({ emailVerifiedAt: now, updatedAt: now, name: name ?? user.name });
      if (passwordHash !== null) await setPassword(person, passwordHash);
      await revokeSessions(person, { reason: 'email_verified' });
      await auditPerson(
        person,
        { email, name: name ?? user.name, session: null },
        { action: 'auth.verify_email', category: 'authentication', targets: [{ type: 'user', id: typeId('usr', userId) }] },
      );
    });
  });
}

/** Guesses are counted for each link, so that who does not have it cannot use them up. */
async function assertChosen(
  deps: AuthDeps,
  who: { userId: string; origin: Origin },
  { digest, password }: { digest: Buffer; password: string },
): Promise<void> {
  const { throttle, hasher } = deps.auth;
  const link = await runAsPerson(
    deps,
    who,
    async ({ trx, clock }) =>
      await PersonToken.query(trx)
        .findOne({ user_id: who.userId, purpose: 'verify_email', digest, used_at: null })
        .where('expires_at', '>', clock.now()),
  );
  if (!link) throw new AppError('invalid_link');
  await throttle.take('password', link.id);
  if (!(await hasher.verify(link.passwordHash, password))) {
    throw new AppError('wrong_password', {
      detail: 'This is not the password of the sign-up that the link belongs to. If that was not you, sign up yourself.',
    });
  }
  await throttle.reset('password', link.id);
}
