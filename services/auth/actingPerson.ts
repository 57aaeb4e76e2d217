import type { ActingPerson } from './auditPerson.ts';
import type { SessionRecord } from './sessionRecord.ts';

/** Who acts through a session, for the log. */
export const actingPerson = (session: SessionRecord): ActingPerson => ({
  email: session.email,
  name: session.name,
  session: { id: session.id, amr: session.amr, authTime: session.authTime, mfaAt: session.mfaAt },
});
