import { TotpFactor } from '../../db/models/TotpFactor.ts';
import type { PersonContext } from '../auth/personContext.ts';
import type { FactorProof } from './factorProof.ts';
import { matchStep } from './totp.ts';

type Person = Pick<PersonContext, 'trx' | 'userId'>;

/** What a secret is sealed for: it cannot be moved to another person's row. */
export const totpContext = ({ userId, id }: Pick<TotpFactor, 'userId' | 'id'>): string => `totp_secret:${userId}:${id}`;

/**
 * Accepts a code of the confirmed secret, once: its step and every earlier one are used up with it (RFC 6238 section 5.2).
 * Null when the code is wrong or used, or there is no such factor.
 */
export async function verifyTotp(person: PersonContext, code: string): Promise<FactorProof | null> {
  const { trx, userId, clock, vault } = person;
  const factor = await TotpFactor.query(trx).where({ user_id: userId }).whereNotNull('confirmed_at').first();
  if (!factor) return null;
  const step = matchStep(vault.open(factor.sealedSecret, totpContext(factor)), code, clock.now());
  if (step === null || !(await useUpStep(person, factor.id, step))) return null;
  return { factor: 'totp', amr: ['otp'] };
}

/** Whether this was the first use of the step: of two requests at the same moment, one changes the row. */
export async function useUpStep({ trx, userId }: Person, id: string, step: number): Promise<boolean> {
  const changed = await TotpFactor.query(trx)
    .where({ user_id: userId, id })
    .where((query) => query.whereNull('last_step').orWhere('last_step', '<', step))
    .patch({ lastStep: step });
  return changed === 1;
}
