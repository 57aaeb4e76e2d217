import type { Actor } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** For what belongs to the organization as a whole. Throws permission_denied when the actor acts in one workspace. */
export function assertWholeOrganization({ workspaceId }: Actor): void {
  if (workspaceId === null) return;
  throw new AppError('permission_denied', {
    detail:
      'This concerns the whole organization, and the request acts in one workspace. Send it without X-Workspace, or with a credential that is not bound to a workspace.',
  });
}
