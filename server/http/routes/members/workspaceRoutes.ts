import { listMembers } from '../../../../services/members/find.ts';
import { assertWorkspace, setWorkspaceRoles } from '../../../../services/members/workspaceRoles.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { MEMBER_EXAMPLE } from './examples.ts';
import { presentMember } from './present.ts';
import { MemberOut, WorkspaceMemberParams, WorkspaceParams, WorkspaceRolesIn } from './schemas.ts';

const PATH = '/organizations/{organization_id}/workspaces/{workspace_id}/members';

export const workspaceMemberRoutes = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'workspace_members.list',
    permission: 'team.read',
    summary: 'List the members of a workspace',
    description:
      'Those who have a role in this very workspace. Who has one in the whole organization can act here too, and is not listed for that.',
    params: WorkspaceParams,
    query: pageQuery({}),
    responses: { 200: pageOf(MemberOut) },
    examples: { responses: { 200: { data: [MEMBER_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('workspace_members.list', ctx);
      const roleIn = ctx.params.workspace_id;
      const members = await inTenant(async (tenant) => {
        await assertWorkspace(tenant, roleIn);
        return listMembers(tenant, { roleIn }, page);
      });
      return { status: 200, body: page.present(members, ({ membershipId }) => membershipId, presentMember) };
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/{user_id}`,
    operationId: 'workspace_members.set',
    permission: 'team.manage_members',
    summary: 'Give a member roles in a workspace',
    description:
      'Replaces the roles that a member of the organization has in this workspace; roles elsewhere stay. In a workspace a role gives nothing of what is the whole organization’s: settings, people, roles, audit log, privacy requests.',
    params: WorkspaceMemberParams,
    body: WorkspaceRolesIn,
    responses: { 200: MemberOut },
    examples: { body: { roles: ['manager'] }, responses: { 200: MEMBER_EXAMPLE } },
    async handler({ params, body, inTenant }) {
      const change = { ...params, roles: body.roles, includeDirectory: body.include_directory };
      const member = await inTenant((tenant) => setWorkspaceRoles(tenant, change, 'workspace_members.set'));
      return { status: 200, body: presentMember(member) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{user_id}`,
    operationId: 'workspace_members.remove',
    permission: 'team.manage_members',
    summary: 'Take a member out of a workspace',
    description:
      'Takes the roles that the member has in this workspace, but for what a directory gave. The member stays in the organization.',
    params: WorkspaceMemberParams,
    responses: { 204: NoContent },
    async handler({ params, inTenant }) {
      await inTenant((tenant) => setWorkspaceRoles(tenant, { ...params, roles: [] }, 'workspace_members.remove'));
      return { status: 204 };
    },
  }),
];
