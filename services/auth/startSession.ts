import { User } from '../../db/models/User.ts';
import { typeId } from '../../server/ids.ts';
import type { AccessTokens } from './accessTokens.ts';
import { auditPerson } from './auditPerson.ts';
import { issueSession } from './issueSession.ts';
import type { IssuedSession, Proof } from './issueSession.ts';
import type { PersonContext } from './personContext.ts';

/** A session with its tokens, and whose it is. */
export interface StartedSession extends IssuedSession {
  user: User;
}

/** Signs the person of the transaction in, on record in each of their organizations. Throws not_found as issueSession does. */
export async function startSession(
  person: PersonContext,
  tokens: AccessTokens,
  { proof, orgId }: { proof: Proof; orgId?: string | undefined },
): Promise<StartedSession> {
  const user = await User.query(person.trx).findById(person.userId).throwIfNotFound();
  const issued = await issueSession(person, tokens, { proof, orgId });
  await auditPerson(
    person,
    { email: user.email, name: user.name, session: { id: issued.sessionId, ...proof } },
    {
      action: 'auth.login',
      category: 'authentication',
      targets: [{ type: 'session', id: typeId('ses', issued.sessionId) }],
      after: { amr: [...proof.amr] },
    },
  );
  return { ...issued, user };
}
