import type { Invitation } from '../../db/models/Invitation.ts';
import { resolveGrants } from '../access/resolveGrants.ts';
import type { TenantContext } from '../context.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { invitationMail } from '../mail/templates/invitation.ts';

/** The address under which an invitation is accepted. */
export type InvitationLink = (token: string) => string;

/** Puts the mail with the token on record. */
export async function sendInvitation(
  tenant: TenantContext,
  invitation: Pick<Invitation, 'email' | 'roles' | 'expiresAt'>,
  { token, link }: { token: string; link: InvitationLink },
): Promise<PromisedMail> {
  const { trx, actor } = tenant;
  const { email, roles, expiresAt } = invitation;
  const organization = await trx('organizations').where({ id: actor.orgId }).first<{ name: string }>('name');
  const labels = (await resolveGrants(tenant, roles, 'body.roles')).map(({ label }) => label);
  const data = {
    organization: organization.name,
    inviter: actor.type === 'user' ? actor.name : null,
    roles: [...new Set(labels)],
    url: link(token),
    expiresAt,
  };
  return enqueueMail(tenant, { to: email, template: invitationMail, data, orgId: actor.orgId, userId: null });
}
