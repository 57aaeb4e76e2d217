import { TotpFactor } from '../../db/models/TotpFactor.ts';
import { newId } from '../../server/ids.ts';
import { lockFactors } from './lockFactors.ts';
import type { PersonContext } from '../auth/personContext.ts';
import { describeTotp, newTotpSecret } from './totp.ts';
import { totpContext } from './verifyTotp.ts';

/** A secret that waits for its first code; shown once. */
export interface StartedTotp {
  secret: string;
  uri: string;
  expiresAt: Date;
}

const CONFIRM_WITHIN_MS = 10 * 60_000;

export const confirmableUntil = ({ createdAt }: TotpFactor): Date => new Date(createdAt.getTime() + CONFIRM_WITHIN_MS);

/** Makes a new secret for an authenticator app; it proves nothing until it is confirmed, and an earlier one that waits is forgotten. */
export async function startTotp(person: PersonContext, email: string): Promise<StartedTotp> {
  const { trx, userId, clock, vault } = person;
  await lockFactors(person);
  await TotpFactor.query(trx).where({ user_id: userId }).whereNull('confirmed_at').delete();
  const secret = newTotpSecret();
  const id = newId(clock);
  const factor = await TotpFactor.query(trx).insertAndFetch({
    userId,
    id,
    sealedSecret: vault.seal(secret, totpContext({ userId, id })),
    createdAt: clock.now(),
  });
  return { ...describeTotp(secret, email), expiresAt: confirmableUntil(factor) };
}
