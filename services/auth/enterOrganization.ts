import { Session } from '../../db/models/Session.ts';
import { typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import { inTenantOf } from '../../db/tenancy.ts';
import { appendAuditBatch } from '../audit/append.ts';
import { actingPerson } from './actingPerson.ts';
import { actorIn } from './auditPerson.ts';
import { ownOrganizations } from './ownOrganizations.ts';
import type { OwnOrganization } from './ownOrganizations.ts';
import type { PersonContext } from './personContext.ts';
import type { SessionRecord } from './sessionRecord.ts';

/**
 * From now on the session acts in this organization (uuid); null: in none. On record in the one that is entered. Throws not_found, the same for one
 * that the person is no active member of and one that is not there.
 */
export async function enterOrganization(
  person: PersonContext,
  session: SessionRecord,
  orgId: string | null,
): Promise<OwnOrganization | null> {
  const { trx, userId } = person;
  const organization = orgId === null ? null : (await ownOrganizations(trx, userId)).find((own) => own.orgId === orgId);
  if (organization === undefined) throw new AppError('not_found');
  await Session.query(trx).where({ user_id: userId, id: session.id }).patch({ activeOrgId: orgId });
  if (organization) await report(person, session, organization);
  return organization;
}

function report(person: PersonContext, session: SessionRecord, { orgId, membershipId }: OwnOrganization): Promise<unknown> {
  const actor = actorIn(orgId, membershipId, person, actingPerson(session));
  const targets = [{ type: 'organization', id: typeId('org', orgId) }];
  const input = { action: 'auth.organization', category: 'authentication' as const, targets };
  return inTenantOf(person.trx, orgId, () => appendAuditBatch(person.trx, [{ actor, input }], person));
}
