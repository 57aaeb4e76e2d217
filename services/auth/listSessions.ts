import { Session } from '../../db/models/Session.ts';
import { INACTIVITY_MS } from './issueSession.ts';
import type { PersonContext } from './personContext.ts';

/** The live sessions of the person of the transaction, the newest first, after the one with the id `after`. */
export function listSessions(
  { trx, userId, clock }: PersonContext,
  { after, limit }: { after: string | null; limit: number },
): Promise<Session[]> {
  const now = clock.now();
  const query = Session.query(trx)
    .where({ user_id: userId, revoked_at: null })
    .where('expires_at', '>', now)
    .where('last_used_at', '>', new Date(now.getTime() - INACTIVITY_MS))
    .orderBy('id', 'desc')
    .limit(limit);
  if (after !== null) void query.where('id', '<', after);
  return query.execute();
}
