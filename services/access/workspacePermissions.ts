import { PERMISSIONS, isPermission } from '../permissions.ts';
import type { Permission } from '../permissions.ts';

const RESOURCES = new Set(['campaign', 'lead', 'analytics', 'webhook', 'event', 'flow', 'prompt', 'api_key']);
const FURTHER: readonly Permission[] = ['organization.read', 'team.read', 'team.manage_members', 'budget.read'];

/**
 * What a role can give in a single workspace. The rest is the whole organization's (its settings, people, roles, audit log, privacy requests),
 * so no role in a workspace reaches it, not even `admin` there. A permission that is new is of the organization until it is listed here.
 */
export const WORKSPACE_PERMISSIONS: ReadonlySet<Permission> = new Set([
  ...PERMISSIONS.filter((permission) => RESOURCES.has(permission.split('.')[0]!)),
  ...FURTHER,
]);

/** What scopes are worth to an API key: bound to a workspace (uuid), those that mean something in one; none that the registry does not know. */
export const usableScopes = ({ scopes, workspaceId }: { scopes: readonly string[]; workspaceId: string | null }): Permission[] =>
  scopes.filter(isPermission).filter((scope) => workspaceId === null || WORKSPACE_PERMISSIONS.has(scope));
