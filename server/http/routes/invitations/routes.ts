import { limitInvitations } from '../../../../services/invitations/limit.ts';
import { listInvitations } from '../../../../services/invitations/list.ts';
import { resendInvitation } from '../../../../services/invitations/resend.ts';
import { revokeInvitation } from '../../../../services/invitations/revoke.ts';
import { NoContent, idParams } from '../../params.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { route } from '../../route.ts';
import { INVITATION_EXAMPLE, INVITATION_IN_EXAMPLE } from './examples.ts';
import { invite, linkOf } from './invite.ts';
import { presentInvitation } from './present.ts';
import { InvitationFilters, InvitationIn, InvitationOut } from './schemas.ts';

export const invitationRoutes = [
  route({
    method: 'POST',
    path: '/organizations/{organization_id}/invite',
    operationId: 'invitations.create',
    permission: 'team.manage_members',
    summary: 'Invite somebody to the organization',
    description:
      'They get a mail with a link that is good for 7 days and for this address alone. Until then the invitation holds a seat. Nobody can offer roles that go beyond their own, now and when it is accepted.',
    body: InvitationIn,
    responses: { 201: InvitationOut },
    errors: ['conflict', 'address_not_allowed', 'plan_limit_reached'],
    idempotent: true,
    examples: { body: INVITATION_IN_EXAMPLE, responses: { 201: INVITATION_EXAMPLE } },
    handler: (ctx) => invite(ctx, 'invitations.create'),
  }),
  route({
    method: 'GET',
    path: '/organizations/{organization_id}/invitations',
    operationId: 'invitations.list',
    permission: 'team.read',
    summary: 'List invitations',
    description: 'Newest first. The tokens are nowhere but in the mails.',
    query: pageQuery(InvitationFilters),
    responses: { 200: pageOf(InvitationOut) },
    examples: { responses: { 200: { data: [INVITATION_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('invitations.list', ctx);
      const invitations = await inTenant((tenant) => listInvitations(tenant, page, ctx.query));
      const now = ctx.deps.clock.now();
      return {
        status: 200,
        body: page.present(
          invitations,
          ({ id }) => id,
          (invitation) => presentInvitation(invitation, now),
        ),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/organizations/{organization_id}/invitations/{id}/resend',
    operationId: 'invitations.resend',
    permission: 'team.manage_members',
    summary: 'Send an invitation again',
    description:
      'With a new token, good for another 7 days: the link in the earlier mail opens nothing any longer. Also for one that has expired. Whoever resends it answers for its roles from now on. Once a minute at most.',
    params: idParams('inv'),
    responses: { 200: InvitationOut },
    errors: ['conflict', 'address_not_allowed', 'plan_limit_reached'],
    examples: { responses: { 200: INVITATION_EXAMPLE } },
    async handler({ params, actor, inTenant, deps }) {
      await limitInvitations(deps.rateLimiter, actor.orgId);
      const { invitation, mail } = await inTenant((tenant) => resendInvitation(tenant, params.id, linkOf(deps)));
      deps.mail.wake(mail);
      return { status: 200, body: presentInvitation(invitation, deps.clock.now()) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/organizations/{organization_id}/invitations/{id}',
    operationId: 'invitations.revoke',
    permission: 'team.manage_members',
    summary: 'Revoke an invitation',
    description: 'Its link opens nothing from now on, and its seat is free. It stays in the list as `revoked`.',
    params: idParams('inv'),
    responses: { 204: NoContent },
    errors: ['conflict'],
    async handler({ params, inTenant }) {
      await inTenant((tenant) => revokeInvitation(tenant, params.id));
      return { status: 204 };
    },
  }),
];
