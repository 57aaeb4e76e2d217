import { User } from '../../db/models/User.ts';
import type { PersonContext } from '../auth/personContext.ts';

/** Makes everything that changes this person's factors wait until the transaction ends: so that two changes cannot each rely on what the other takes away. */
export async function lockFactors({ trx, userId }: Pick<PersonContext, 'trx' | 'userId'>): Promise<void> {
  await User.query(trx).where({ id: userId }).forNoKeyUpdate().select('id');
}
