import { Session } from '../../db/models/Session.ts';
import { AMR_ORDER } from '../auth/amr.ts';
import type { PersonContext } from '../auth/personContext.ts';
import { AppError } from '../errors/AppError.ts';
import type { FactorProof } from './factorProof.ts';

/** A session after a factor was proven in it. */
export type SteppedUp = Pick<Session, 'id' | 'userId' | 'amr' | 'authTime' | 'activeOrgId'> & { mfaAt: Date };

const METHODS = `ARRAY(SELECT method FROM unnest(amr || ?::text[]) AS method GROUP BY method
  ORDER BY array_position(?::text[], method), method)`;

/** Notes in a session (uuid) of the person that a second factor was used in it just now. Throws session_ended. */
export async function stepUp({ trx, userId, clock }: PersonContext, id: string, { amr }: Pick<FactorProof, 'amr'>): Promise<SteppedUp> {
  const now = clock.now();
  const live = Session.query(trx).where({ user_id: userId, id, revoked_at: null }).where('expires_at', '>', now);
  // Added to what is there now: another request may add something at the same moment.
  const methods = trx.raw(METHODS, [[...amr, 'mfa'], [...AMR_ORDER]]);
  const [session] = await live.patch({ amr: methods as unknown as string[], authTime: now, mfaAt: now }).returning('*');
  if (!session) throw new AppError('session_ended');
  return { id, userId, amr: session.amr, authTime: now, mfaAt: now, activeOrgId: session.activeOrgId };
}
