import { describeAccess } from '../../../../services/access/describeAccess.ts';
import { PERMISSIONS } from '../../../../services/permissions.ts';
import { route } from '../../route.ts';
import { MY_PERMISSIONS_EXAMPLE } from './examples.ts';
import { presentAccess, presentPermission } from './present.ts';
import { MyPermissions, PermissionRegistry } from './schemas.ts';

export const permissionRoutes = [
  route({
    method: 'GET',
    path: '/admin/permissions',
    operationId: 'permissions.list',
    anyCredential: true,
    summary: 'List permissions',
    description: 'Every permission that there is: what it lets its holder do, which built-in roles have it, and whether you do.',
    responses: { 200: PermissionRegistry },
    examples: { responses: { 200: { data: [presentPermission('webhook.read', new Set(['webhook.read']))] } } },
    handler: ({ actor }) => ({
      status: 200,
      body: { data: PERMISSIONS.map((permission) => presentPermission(permission, actor.permissions)) },
    }),
  }),
  route({
    method: 'GET',
    path: '/admin/permissions/me',
    operationId: 'permissions.me',
    anyCredential: true,
    summary: 'What may I do?',
    description: 'What this very request may do, and why: with `X-Workspace` it tells of that workspace. Every credential may ask.',
    responses: { 200: MyPermissions },
    examples: { responses: { 200: MY_PERMISSIONS_EXAMPLE } },
    async handler({ actor, inTenant }) {
      return { status: 200, body: presentAccess(actor, await inTenant(describeAccess)) };
    },
  }),
];
