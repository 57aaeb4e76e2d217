import { TotpFactor } from '../../db/models/TotpFactor.ts';
import { AppError } from '../errors/AppError.ts';
import { lockFactors } from './lockFactors.ts';
import type { PersonContext } from '../auth/personContext.ts';
import type { FactorProof } from './factorProof.ts';
import { confirmableUntil } from './startTotp.ts';
import { matchStep } from './totp.ts';
import { totpContext } from './verifyTotp.ts';

/**
 * Makes the secret that waits the one in use, when its app shows the right code; an earlier one ends with it.
 * A wrong code is not counted as a guess: whoever asks was shown the secret. Throws conflict when none waits, second_factor_refused.
 */
export async function confirmTotp(person: PersonContext, code: string): Promise<FactorProof> {
  const { trx, userId, clock, vault } = person;
  await lockFactors(person);
  const now = clock.now();
  const waiting = await TotpFactor.query(trx).where({ user_id: userId }).whereNull('confirmed_at').first();
  if (!waiting || confirmableUntil(waiting) <= now) {
    throw new AppError('conflict', { detail: 'No secret waits to be confirmed. Start again: it waits for ten minutes.' });
  }
  const step = matchStep(vault.open(waiting.sealedSecret, totpContext(waiting)), code, now);
  if (step === null)
    throw new AppError('second_factor_refused', { detail: 'This is not the code of the new secret. Check the clock of the device.' });
  await TotpFactor.query(trx).where({ user_id: userId }).whereNotNull('confirmed_at').delete();
  await TotpFactor.query(trx).where({ user_id: userId, id: waiting.id }).patch({ confirmedAt: now, lastStep: step });
  return { factor: 'totp', amr: ['otp'] };
}
