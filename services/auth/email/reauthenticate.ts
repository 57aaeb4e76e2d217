import { Password } from '../../../db/models/Password.ts';
import { AppError } from '../../errors/AppError.ts';
import { factorsOf, hasFactor } from '../../mfa/factors.ts';
import { assertFresh } from '../../mfa/freshness.ts';
import type { Origin } from '../personContext.ts';
import { runAsPerson } from '../runAsPerson.ts';
import type { SessionRecord } from '../sessionRecord.ts';
import { tellLocked } from '../tellLocked.ts';
import type { GuardedDeps } from '../tellLocked.ts';

/**
 * That it is the person who asks, and not who found their device: a second factor of the last ten minutes where there is one, else the password
 * with this very request. Guesses count as those of signing in do. Throws step_up_required, validation_failed, wrong_password, too_many_attempts.
 */
export async function assertReauthenticated(
  deps: GuardedDeps,
  { origin, session }: { origin: Origin; session: SessionRecord },
  password: string | undefined,
): Promise<void> {
  const { throttle, hasher } = deps.auth;
  const { userId, email } = session;
  const { factors, stored } = await runAsPerson(deps, { userId, origin }, async (person) => ({
    factors: await factorsOf(person),
    stored: await Password.query(person.trx).findById(userId),
  }));
  if (hasFactor(factors)) return assertFresh(session, deps.clock.now(), true);
  if (password === undefined) throw passwordNeeded();
  const { begins } = await throttle.take('password', email);
  if (!(await hasher.verify(stored?.hash ?? null, password))) {
    if (begins) await tellLocked(deps, { userId, origin }, 'password');
    throw new AppError('wrong_password');
  }
  await throttle.reset('password', email);
}

const passwordNeeded = (): AppError => {
  const message = 'is needed, because the account has no second factor';
  return new AppError('validation_failed', {
    detail: `body.current_password ${message}`,
    fields: [{ location: 'body.current_password', message }],
  });
};
