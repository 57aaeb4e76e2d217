import { inTenantOf } from '../../db/tenancy.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { AuditInput } from '../audit/entry.ts';
import type { Actor } from '../context.ts';
import { ownOrganizations } from './ownOrganizations.ts';
import type { PersonContext } from './personContext.ts';
import type { Proof } from './issueSession.ts';

/** The person of a transaction as the log names them. `session`: the one through which they act, if there is one. */
export interface ActingPerson {
  email: string;
  name: string | null;
  session: ({ id: string } & Proof) | null;
}

/**
 * Reports what was done with somebody's account: in the transaction that does it, to each organization that the person is an active member of,
 * because each of them relies on that account. Of somebody who is in none, nobody is told.
 */
export async function auditPerson(person: PersonContext, who: ActingPerson, input: AuditInput): Promise<void> {
  const { trx, userId } = person;
  for (const { orgId, membershipId } of await ownOrganizations(trx, userId)) {
    const actor = actorIn(orgId, membershipId, person, who);
    await inTenantOf(trx, orgId, () => appendAuditBatch(trx, [{ actor, input }], person));
  }
}

/** The person as the actor of an entry of this organization. */
export function actorIn(
  orgId: string,
  membershipId: string,
  { userId, origin }: PersonContext,
  { email, name, session }: ActingPerson,
): Actor {
  return {
    type: 'user',
    id: userId,
    name: name ?? email,
    orgId,
    workspaceId: null,
    permissions: new Set(),
    ...origin,
    workflowId: null,
    ...(session && { session: { ...session, email, membershipId } }),
  };
}
