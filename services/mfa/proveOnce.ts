import { guardedByAddress } from '../auth/guardedByAddress.ts';
import type { Origin } from '../auth/personContext.ts';
import { runAsPerson } from '../auth/runAsPerson.ts';
import { tellLocked } from '../auth/tellLocked.ts';
import type { GuardedDeps } from '../auth/tellLocked.ts';
import { AppError } from '../errors/AppError.ts';
import { proveFactor, userOf } from './prove.ts';
import type { Claimant, Proven } from './prove.ts';
import type { FactorClaim, FactorDeps } from './verifyFactor.ts';

/**
 * One try to prove a factor, whichever it is: all of them share one count and one lock, and the try counts before it is made, so that parallel
 * ones cannot overtake the lock. Throws second_factor_refused, too_many_attempts, invalid_mfa_token, session_ended.
 */
export async function proveOnce(
  deps: GuardedDeps & { factors: FactorDeps },
  origin: Origin,
  attempt: { claimant: Claimant; claim: FactorClaim; action: string },
): Promise<Proven> {
  const { tokens, throttle } = deps.auth;
  const userId = userOf(attempt.claimant);
  return guardedByAddress(throttle, origin, async () => {
    const { begins } = await throttle.take('second_factor', userId);
    const proven = await runAsPerson(deps, { userId, origin }, (person) => proveFactor(person, { ...deps.factors, tokens }, attempt)).catch(
      async (error: unknown) => {
        if (!(error instanceof AppError) || error.status >= 500) await throttle.giveBack('second_factor', userId);
        throw error;
      },
    );
    if (proven === null) {
      if (begins) await tellLocked(deps, { userId, origin }, 'second_factor');
      throw new AppError('second_factor_refused');
    }
    await throttle.reset('second_factor', userId);
    return proven;
  });
}
