import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import { actingPerson } from './actingPerson.ts';
import { auditPerson } from './auditPerson.ts';
import type { PersonContext } from './personContext.ts';
import { revokeSessions } from './revokeSessions.ts';
import type { SessionRecord } from './sessionRecord.ts';

/** Ends the session that asks. */
export async function logOut(person: PersonContext, session: SessionRecord): Promise<void> {
  await revokeSessions(person, { only: session.id, reason: 'signed_out' });
  await report(person, session, 'auth.logout', [session.id]);
}

/** Ends one session of the person (uuid), on whatever device. Throws not_found when it is none of theirs, or over. */
export async function endSession(person: PersonContext, session: SessionRecord, id: string): Promise<void> {
  if ((await revokeSessions(person, { only: id, reason: 'revoked' })) === 0) throw new AppError('not_found');
  await report(person, session, 'auth.sessions.revoke', [id]);
}

/** Ends all sessions of the person but the one that asks. Returns how many there were. */
export async function endOtherSessions(person: PersonContext, session: SessionRecord): Promise<number> {
  const ended = await revokeSessions(person, { except: session.id, reason: 'revoked' });
  if (ended > 0) await report(person, session, 'auth.sessions.revoke_others', [], { ended });
  return ended;
}

const report = (person: PersonContext, session: SessionRecord, action: string, ended: string[], after?: object): Promise<void> =>
  auditPerson(person, actingPerson(session), {
    action,
    category: 'authentication',
    targets: ended.map((id) => ({ type: 'session', id: typeId('ses', id) })),
    ...(after && { after }),
  });
