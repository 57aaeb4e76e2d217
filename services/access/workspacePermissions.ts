import { PERMISSIONS } from '../permissions.ts';
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
