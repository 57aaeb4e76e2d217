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
 * The mailbox is the person's: its account is verified, with the password and the name of the registration whose link this is. Links of other
 * registrations end, so nobody can have prepared the account with a password of theirs. Throws invalid_link, too_many_attempts.
 */
export async function verifyEmail(deps: AuthDeps, origin: Origin, text: string): Promise<void> {
  await guardedByAddress(deps.auth.throttle, origin, async () => {
    const { userId, digest } = ownerOfToken('verify_email', text);
    await runAsPerson(deps, { userId, origin }, async (person) => {
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
