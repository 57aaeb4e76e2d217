import { User } from '../../db/models/User.ts';
import type { PersonContext } from './personContext.ts';

/** The person of the transaction. */
export const readMe = ({ trx, userId }: PersonContext): Promise<User> => User.query(trx).findById(userId).throwIfNotFound().execute();
