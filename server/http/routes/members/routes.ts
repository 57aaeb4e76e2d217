import { findMember, listMembers } from '../../../../services/members/find.ts';
import { removeMember } from '../../../../services/members/remove.ts';
import { updateMember } from '../../../../services/members/update.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { HELD_ROLES_EXAMPLE, MEMBER_EXAMPLE, MEMBER_ROLES_IN_EXAMPLE } from './examples.ts';
import { fromMemberChange, presentHeldRole, presentMember } from './present.ts';
import { HeldRoles, MEMBER_FILTERS, MemberOut, MemberParams, MemberPatch, MemberRolesIn } from './schemas.ts';

const PATH = '/organizations/{organization_id}/members';

export const memberRoutes = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'members.list',
    permission: 'team.read',
    summary: 'List members',
    description: 'Who joined last comes first. Who acts in one workspace sees whoever can act there too.',
    query: pageQuery(MEMBER_FILTERS),
    responses: { 200: pageOf(MemberOut) },
    examples: { responses: { 200: { data: [MEMBER_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('members.list', ctx);
      const members = await inTenant((tenant) => listMembers(tenant, ctx.query, page));
      return { status: 200, body: page.present(members, ({ membershipId }) => membershipId, presentMember) };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{user_id}`,
    operationId: 'members.get',
    permission: 'team.read',
    summary: 'Get a member',
    description: 'With every role, where it counts, and who gave it.',
    params: MemberParams,
    responses: { 200: MemberOut },
    examples: { responses: { 200: MEMBER_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentMember(await inTenant((tenant) => findMember(tenant, params.user_id))) };
    },
  }),
  route({
    method: 'PATCH',
    path: `${PATH}/{user_id}`,
    operationId: 'members.update',
    permission: 'team.manage_members',
    summary: 'Change a member',
    description:
      'Suspends or reactivates a member, or replaces the roles. Who is suspended keeps the roles and can do nothing, at once. You can give and take only what you hold yourself, so nobody can change who has more.',
    params: MemberParams,
    body: MemberPatch,
    responses: { 200: MemberOut },
    errors: ['last_owner', 'plan_limit_reached'],
    examples: { body: { status: 'suspended' }, responses: { 200: { ...MEMBER_EXAMPLE, status: 'suspended' } } },
    async handler({ params, body, inTenant }) {
      const change = fromMemberChange(body);
      const member = await inTenant((tenant) => updateMember(tenant, params.user_id, change, 'members.update'));
      return { status: 200, body: presentMember(member) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{user_id}`,
    operationId: 'members.remove',
    permission: 'team.manage_members',
    summary: 'Remove a member',
    description:
      'Ends everything that the person could do in the organization, at once: roles, entered sessions, API keys of their own. Keys of the organization stay, whoever made them.',
    params: MemberParams,
    responses: { 204: NoContent },
    errors: ['last_owner'],
    async handler({ params, inTenant }) {
      await inTenant((tenant) => removeMember(tenant, params.user_id, 'members.remove'));
      return { status: 204 };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/me`,
    operationId: 'members.leave',
    signedIn: true,
    summary: 'Leave the organization',
    description: 'What you could do there ends at once, and your own API keys with it. The last owner cannot leave.',
    responses: { 204: NoContent },
    errors: ['last_owner'],
    async handler({ session, inTenant }) {
      await inTenant((tenant) => removeMember(tenant, session.userId, 'members.leave'));
      return { status: 204 };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{user_id}/roles`,
    operationId: 'members.list_roles',
    permission: 'team.read',
    summary: 'List the roles of a member',
    description: 'With where each counts and who gave it. The oldest first.',
    params: MemberParams,
    responses: { 200: HeldRoles },
    examples: { responses: { 200: HELD_ROLES_EXAMPLE } },
    async handler({ params, inTenant }) {
      const { roles } = await inTenant((tenant) => findMember(tenant, params.user_id));
      return { status: 200, body: { data: roles.map(presentHeldRole) } };
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/{user_id}/roles`,
    operationId: 'members.set_roles',
    permission: 'team.manage_members',
    summary: 'Replace the roles of a member',
    description:
      'Several roles add up. What a directory gave stays, unless `include_directory` says otherwise. Only an owner makes or unmakes an owner; the last one stays.',
    params: MemberParams,
    body: MemberRolesIn,
    responses: { 200: HeldRoles },
    errors: ['last_owner'],
    examples: { body: MEMBER_ROLES_IN_EXAMPLE, responses: { 200: HELD_ROLES_EXAMPLE } },
    async handler({ params, body, inTenant }) {
      const change = fromMemberChange(body);
      const { roles } = await inTenant((tenant) => updateMember(tenant, params.user_id, change, 'members.set_roles'));
      return { status: 200, body: { data: roles.map(presentHeldRole) } };
    },
  }),
];
