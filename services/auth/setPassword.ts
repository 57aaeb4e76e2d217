import { Password } from '../../db/models/Password.ts';
import type { PersonContext } from './personContext.ts';

/** Gives the person of the transaction a password, in place of any other. `hash` is of the hasher. */
export async function setPassword({ trx, userId, clock }: PersonContext, hash: string): Promise<void> {
  await Password.query(trx).insert({ userId, hash, changedAt: clock.now() }).onConflict('user_id').merge();
}
