import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES } from '../services/access/builtInRoles.ts';
import { WORKSPACE_PERMISSIONS } from '../services/access/workspacePermissions.ts';
import { PERMISSION_TEXTS } from '../services/permissionTexts.ts';
import { PERMISSIONS } from '../services/permissions.ts';

const mark = (yes: boolean): string => (yes ? '✓' : '');

/** The table of `docs/guides/identity.md`: what each built-in role may do. */
export function rolesTable(): string {
  const rows = PERMISSIONS.map((permission) => [
    `\`${permission}\``,
    PERMISSION_TEXTS[permission],
    ...BUILT_IN_ROLES.map((role) => mark(BUILT_IN_PERMISSIONS[role].has(permission))),
    mark(WORKSPACE_PERMISSIONS.has(permission)),
  ]);
  const head = ['Permission', 'Lets its holder', ...BUILT_IN_ROLES, 'in a workspace'];
  const rule = head.map((_column, index) => (index < 2 ? '---' : ':-:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
