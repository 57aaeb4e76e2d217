import { createRole } from '../../../../services/roles/create.ts';
import { deleteRole } from '../../../../services/roles/delete.ts';
import { getRole } from '../../../../services/roles/find.ts';
import { listRoles, positionOf } from '../../../../services/roles/list.ts';
import { updateRole } from '../../../../services/roles/update.ts';
import type { RoleSettings } from '../../../../services/roles/create.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { NoContent, idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { ROLE_EXAMPLE, ROLE_IN_EXAMPLE } from './examples.ts';
import { presentRole } from './present.ts';
import { RoleIn, RoleOut, RolePatch } from './schemas.ts';

export const roleRoutes = [
  route({
    method: 'GET',
    path: '/admin/roles',
    operationId: 'roles.list',
    permission: 'team.read',
    summary: 'List roles',
    description: 'The built-in roles from the most to the least powerful, then those of your own by name.',
    query: pageQuery({}),
    responses: { 200: pageOf(RoleOut) },
    examples: { responses: { 200: { data: [ROLE_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('roles.list', ctx);
      const roles = await inTenant((tenant) => listRoles(tenant, page));
      return { status: 200, body: page.present(roles, positionOf, presentRole) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/roles',
    operationId: 'roles.create',
    permission: 'user.manage_roles',
    summary: 'Create a role',
    description: 'A role of your own, made of permissions that you hold. Plans from professional up have these.',
    body: RoleIn,
    responses: { 201: RoleOut },
    errors: ['plan_feature_missing', 'conflict'],
    idempotent: true,
    examples: { body: ROLE_IN_EXAMPLE, responses: { 201: { ...ROLE_EXAMPLE, members: 0 } } },
    handler: ({ body, inTenant }) => inTenant(async (tenant) => ({ status: 201, body: presentRole(await createRole(tenant, body)) })),
  }),
  route({
    method: 'GET',
    path: '/admin/roles/{id}',
    operationId: 'roles.get',
    permission: 'team.read',
    summary: 'Get a role',
    description: 'One of your own. The built-in ones are in the list.',
    params: idParams('rol'),
    responses: { 200: RoleOut },
    examples: { responses: { 200: ROLE_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentRole(await inTenant((tenant) => getRole(tenant, params.id))) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/admin/roles/{id}',
    operationId: 'roles.update',
    permission: 'user.manage_roles',
    summary: 'Change a role',
    description:
      'Fields that are absent stay as they are; permissions are replaced as a whole. Whoever has the role can do more, or less, at once. You must hold every permission that it had or gets.',
    params: idParams('rol'),
    body: RolePatch,
    responses: { 200: RoleOut },
    errors: ['conflict'],
    examples: { body: { permissions: ['analytics.read'] }, responses: { 200: { ...ROLE_EXAMPLE, permissions: ['analytics.read'] } } },
    async handler({ params, body, inTenant }) {
      const changes = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Partial<RoleSettings>;
      return { status: 200, body: presentRole(await inTenant((tenant) => updateRole(tenant, params.id, changes))) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/roles/{id}',
    operationId: 'roles.delete',
    permission: 'user.manage_roles',
    summary: 'Delete a role',
    description:
      'Only one that nobody has, no open invitation offers and the policy of second factors does not name: `in_use` of the refusal tells of all three.',
    params: idParams('rol'),
    responses: { 204: NoContent },
    errors: ['role_in_use'],
    async handler({ params, inTenant }) {
      await inTenant((tenant) => deleteRole(tenant, params.id));
      return { status: 204 };
    },
  }),
];
