import type { z } from 'zod';
import type { Workspace } from '../../../../db/models/Workspace.ts';
import { createWorkspace } from '../../../../services/workspaces/create.ts';
import { deleteWorkspace } from '../../../../services/workspaces/delete.ts';
import { findWorkspace } from '../../../../services/workspaces/find.ts';
import { listWorkspaces } from '../../../../services/workspaces/list.ts';
import { renameWorkspace } from '../../../../services/workspaces/rename.ts';
import { typeId } from '../../../ids.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { DeleteQuery, WorkspaceIn, WorkspaceOut, WorkspaceParams } from './schemas.ts';

const EXAMPLE = { id: 'wsp_01k0501z00e00800000000001h', name: 'Sales DACH', created_at: '2026-11-02T09:00:00.000Z' };
const PATH = '/organizations/{organization_id}/workspaces';

const present = ({ id, name, createdAt }: Workspace): z.input<typeof WorkspaceOut> => ({
  id: typeId('wsp', id),
  name,
  created_at: createdAt.toISOString(),
});

export const workspaceRoutes = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'workspaces.list',
    permission: 'team.read',
    summary: 'List workspaces',
    description: 'The oldest first. A credential that is bound to a workspace sees that one only.',
    query: pageQuery({}),
    responses: { 200: pageOf(WorkspaceOut) },
    examples: { responses: { 200: { data: [EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('workspaces.list', ctx);
      const workspaces = await inTenant((tenant) => listWorkspaces(tenant, page));
      return { status: 200, body: page.present(workspaces, ({ id }) => id, present) };
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'workspaces.create',
    permission: 'team.create',
    summary: 'Create a workspace',
    description: 'Keys, webhook endpoints, events and roles can be bound to it. How many there may be is a limit of the plan.',
    body: WorkspaceIn,
    responses: { 201: WorkspaceOut },
    errors: ['plan_limit_reached'],
    idempotent: true,
    examples: { body: { name: EXAMPLE.name }, responses: { 201: EXAMPLE } },
    async handler({ body, inTenant }) {
      return inTenant(async (tenant) => ({ status: 201 as const, body: present(await createWorkspace(tenant, body)) }));
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{workspace_id}`,
    operationId: 'workspaces.get',
    permission: 'team.read',
    summary: 'Get a workspace',
    description: 'One of another organization is the same 404 as one that does not exist.',
    params: WorkspaceParams,
    responses: { 200: WorkspaceOut },
    examples: { responses: { 200: EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: present(await inTenant((tenant) => findWorkspace(tenant, params.workspace_id))) };
    },
  }),
  route({
    method: 'PATCH',
    path: `${PATH}/{workspace_id}`,
    operationId: 'workspaces.update',
    permission: 'team.update',
    summary: 'Rename a workspace',
    description: 'Its id stays, and with it everything that is bound to it.',
    params: WorkspaceParams,
    body: WorkspaceIn,
    responses: { 200: WorkspaceOut },
    examples: { body: { name: 'Sales EMEA' }, responses: { 200: { ...EXAMPLE, name: 'Sales EMEA' } } },
    async handler({ params, body, inTenant }) {
      const workspace = await inTenant((tenant) => renameWorkspace(tenant, params.workspace_id, body.name));
      return { status: 200, body: present(workspace) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{workspace_id}`,
    operationId: 'workspaces.delete',
    permission: 'team.delete',
    summary: 'Delete a workspace',
    description:
      'Refused while webhook endpoints or API keys are bound to it, unless `force=true` is sent: then the endpoints are deleted and the keys revoked with it. Roles that were held there grant nothing any more. The last workspace stays.',
    params: WorkspaceParams,
    query: DeleteQuery,
    responses: { 204: NoContent },
    errors: ['conflict'],
    async handler({ params, query, inTenant }) {
      await inTenant((tenant) => deleteWorkspace(tenant, params.workspace_id, { force: query.force === 'true' }));
      return { status: 204 };
    },
  }),
];
