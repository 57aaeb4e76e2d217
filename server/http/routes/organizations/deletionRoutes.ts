import { z } from 'zod';
import { bestEffort } from '../../../../services/bestEffort.ts';
import { keepDeletion } from '../../../../services/organizations/deletion/keep.ts';
import { requestDeletion } from '../../../../services/organizations/deletion/request.ts';
import { restoreOrganization } from '../../../../services/organizations/deletion/restore.ts';
import { listOwnOrganizations } from '../../../../services/organizations/listOwn.ts';
import { personActor } from '../../../../services/organizations/personActor.ts';
import { runInTenant } from '../../../../services/runInTenant.ts';
import type { PromisedDeletion } from '../../../../services/outbox/deletions.ts';
import type { Deps } from '../../../deps.ts';
import { notFound } from '../../notFound.ts';
import { idSchema } from '../../params.ts';
import { route } from '../../route.ts';
import { ORGANIZATION_DELETED_EXAMPLE, ORGANIZATION_EXAMPLE } from './examples.ts';
import { presentOrganization } from './present.ts';
import { OrganizationOut } from './schemas.ts';

export const organizationDeletionRoutes = [
  route({
    method: 'DELETE',
    path: '/organizations/{organization_id}',
    operationId: 'organizations.delete',
    permission: 'organization.delete',
    summary: 'Delete an organization',
    description:
      'From now on no key and no session gets into it, and what it published before is still delivered. Until `deletion_due_at` any owner can restore it; then its data is erased, but for the evidence of its audit log. Its owners are written to now, seven days and one day before. For an owner with a session whose last proof is at most ten minutes old.',
    responses: { 202: OrganizationOut },
    errors: ['step_up_required'],
    examples: { responses: { 202: ORGANIZATION_DELETED_EXAMPLE } },
    async handler({ inTenant, deps }) {
      const recoveryDays = deps.config.ORGANIZATION_RECOVERY_DAYS;
      const { organization, promise, mails } = await inTenant((tenant) => requestDeletion(tenant, { recoveryDays }));
      keep(deps, promise);
      deps.mail.wake(...mails);
      return { status: 202, body: presentOrganization(organization) };
    },
  }),
  route({
    method: 'POST',
    path: '/organizations/{organization_id}/restore',
    operationId: 'organizations.restore',
    signedIn: true,
    summary: 'Restore a deleted organization',
    description:
      'For an owner of it, in whatever organization the session is, with a last proof that is at most ten minutes old. Keys and members are as they were.',
    params: z.strictObject({ organization_id: idSchema('org') }),
    responses: { 200: OrganizationOut },
    errors: ['conflict', 'step_up_required', 'mfa_required'],
    examples: { responses: { 200: ORGANIZATION_EXAMPLE } },
    async handler({ params, session, origin, inUser, deps }) {
      // The session is not in that organization: nobody is, while it is deleted.
      const orgId = params.organization_id;
      const own = (await inUser((trx) => listOwnOrganizations(trx, session.userId))).find(({ id }) => id === orgId);
      if (!own) throw notFound();
      const actor = personActor({ session, origin }, { orgId, membershipId: own.membershipId });
      const { organization, promise } = await runInTenant(deps, actor, restoreOrganization);
      keep(deps, promise);
      return { status: 200, body: presentOrganization(organization) };
    },
  }),
];

const keep = (deps: Deps, promise: PromisedDeletion): void =>
  void bestEffort(deps.logger, 'the relay tells the workflow', keepDeletion(deps, promise));
