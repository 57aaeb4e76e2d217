import { permissionsOf } from '../../../services/access/grants.ts';
import type { Actor } from '../../../services/context.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { workspaceFault } from '../../../services/workspaces/usable.ts';
import type { Deps } from '../../deps.ts';
import { parseTypeId } from '../../ids.ts';
import type { Mount } from '../mounts.ts';
import type { Ctx, Next, RequestState, Step } from '../state.ts';

/**
 * `X-Workspace` makes the request act in one workspace: a session may there what its roles in the organization and in the workspace allow, a key
 * what it may anyway; both see nothing else. A workspace of another organization, one that does not exist and one where the person has no role are
 * answered alike. Throws validation_failed.
 */
export function workspace({ route }: Mount, { knownWorkspaces }: Deps): Step | null {
  if (route.public) return null;
  const enter = async (ctx: Ctx, next: Next, outside: Actor, named: string | string[]): Promise<void> => {
    const workspaceId = typeof named === 'string' ? parseTypeId('wsp', named) : null;
    const actor = workspaceId === null ? null : narrowed(ctx.state, outside, workspaceId);
    if (!actor || !(await knownWorkspaces.has(actor.orgId, workspaceId!))) throw refused();
    ctx.state.actor = actor;
    return next(ctx);
  };
  return (ctx, next) => {
    const named = ctx.req.headers['x-workspace'];
    const { actor } = ctx.state;
    return named === undefined || !actor ? next(ctx) : enter(ctx, next, actor, named);
  };
}

/** The actor in that workspace, or null when they have nothing to do there. */
function narrowed({ session }: RequestState, actor: Actor, workspaceId: string): Actor | null {
  if (actor.workspaceId !== null && actor.workspaceId !== workspaceId) return null;
  if (!session?.organization) return { ...actor, workspaceId };
  const { grants } = session.organization;
  if (!grants.some((grant) => grant.workspace_id === null || grant.workspace_id === workspaceId)) return null;
  return { ...actor, workspaceId, permissions: permissionsOf(grants, workspaceId) };
}

const refused = (): AppError =>
  new AppError('validation_failed', {
    detail: 'X-Workspace is no workspace that this credential may use.',
    fields: [workspaceFault('header.x-workspace')],
  });
