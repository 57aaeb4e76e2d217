import { WORKSPACE_PERMISSIONS } from '../access/workspacePermissions.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';

/**
 * A key that is bound to a workspace (uuid) reaches nothing of what is the whole organization's, so it is not asked for either: what a key's scopes
 * say is what it can do. Throws validation_failed naming every scope that would be worth nothing.
 */
export function assertUsableScopes(scopes: readonly Permission[], workspaceId: string | null): void {
  if (workspaceId === null) return;
  const fields = scopes.flatMap((scope, index) =>
    WORKSPACE_PERMISSIONS.has(scope)
      ? []
      : [
          {
            location: `body.scopes.${index}`,
            message: `${scope} is the whole organization’s: a key that is bound to a workspace cannot have it`,
          },
        ],
  );
  if (fields.length === 0) return;
  throw new AppError('validation_failed', { detail: fields.map(({ location, message }) => `${location}: ${message}`).join('; '), fields });
}
