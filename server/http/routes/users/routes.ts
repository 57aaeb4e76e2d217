import { findMember, listMembers } from '../../../../services/members/find.ts';
import { removeMember } from '../../../../services/members/remove.ts';
import { resetFactors } from '../../../../services/mfa/resetFactors.ts';
import { updateMember } from '../../../../services/members/update.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { INVITATION_EXAMPLE, INVITATION_IN_EXAMPLE } from '../invitations/examples.ts';
import { invite } from '../invitations/invite.ts';
import { InvitationIn, InvitationOut } from '../invitations/schemas.ts';
import { MEMBER_EXAMPLE } from '../members/examples.ts';
import { fromMemberChange, presentMember } from '../members/present.ts';
import { MEMBER_FILTERS, MemberOut, UserParams, UserPut } from '../members/schemas.ts';

export const userRoutes = [
  route({
    method: 'GET',
    path: '/admin/users',
    operationId: 'users.list',
    permission: 'user.read',
    summary: 'List users',
    description: 'The people of the organization, who joined last first.',
    query: pageQuery(MEMBER_FILTERS),
    responses: { 200: pageOf(MemberOut) },
    examples: { responses: { 200: { data: [MEMBER_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('users.list', ctx);
      const members = await inTenant((tenant) => listMembers(tenant, ctx.query, page));
      return { status: 200, body: page.present(members, ({ membershipId }) => membershipId, presentMember) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/users',
    operationId: 'users.create',
    permission: 'user.create',
    summary: 'Add a user',
    description:
      'Nobody becomes a member without knowing it: this invites the address, as `POST /organizations/{organization_id}/invite` does. Who is a member already is a conflict; change them with PUT.',
    body: InvitationIn,
    responses: { 201: InvitationOut },
    errors: ['conflict', 'address_not_allowed', 'plan_limit_reached'],
    idempotent: true,
    examples: { body: INVITATION_IN_EXAMPLE, responses: { 201: INVITATION_EXAMPLE } },
    handler: (ctx) => invite(ctx, 'users.create'),
  }),
  route({
    method: 'GET',
    path: '/admin/users/{id}',
    operationId: 'users.get',
    permission: 'user.read',
    summary: 'Get a user',
    description: 'A person of the organization with every role, where it counts, and who gave it.',
    params: UserParams,
    responses: { 200: MemberOut },
    examples: { responses: { 200: MEMBER_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentMember(await inTenant((tenant) => findMember(tenant, params.id))) };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/users/{id}',
    operationId: 'users.update',
    permission: 'user.update',
    summary: 'Change a user',
    description:
      'Sets status and roles as a whole; a change of roles also needs `user.manage_roles`. What a directory gave stays, unless `include_directory` says otherwise. Who is suspended keeps the roles and can do nothing, at once.',
    params: UserParams,
    body: UserPut,
    responses: { 200: MemberOut },
    errors: ['last_owner', 'plan_limit_reached'],
    examples: { body: { status: 'active', roles: [{ role: 'manager' }] }, responses: { 200: MEMBER_EXAMPLE } },
    async handler({ params, body, inTenant }) {
      const change = { ...fromMemberChange(body), rolesNeed: 'user.manage_roles' as const };
      const member = await inTenant((tenant) => updateMember(tenant, params.id, change, 'users.update'));
      return { status: 200, body: presentMember(member) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/users/{id}/mfa/reset',
    operationId: 'users.reset_mfa',
    permission: 'user.update',
    summary: 'Remove the second factors of a user',
    description:
      'For somebody who lost all of them and the recovery codes too: removes every factor, ends every session and tells the person by mail. Who asks used a second factor in the last ten minutes and holds every permission that the user holds. Refused for somebody who is in another organization as well, whose door these factors are.',
    params: UserParams,
    responses: { 204: NoContent },
    errors: ['step_up_required', 'conflict'],
    async handler({ params, inTenant, deps }) {
      deps.mail.wake(await inTenant((tenant) => resetFactors(tenant, params.id)));
      return { status: 204 };
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/users/{id}',
    operationId: 'users.delete',
    permission: 'user.delete',
    summary: 'Remove a user',
    description:
      'Ends everything that the person could do in the organization, at once: membership, entered sessions, API keys of their own. The account itself, and what it is in other organizations, stays.',
    params: UserParams,
    responses: { 204: NoContent },
    errors: ['last_owner'],
    async handler({ params, inTenant }) {
      await inTenant((tenant) => removeMember(tenant, params.id, 'users.delete'));
      return { status: 204 };
    },
  }),
];
