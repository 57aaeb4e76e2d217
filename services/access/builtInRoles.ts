import { PERMISSIONS } from '../permissions.ts';
import type { Permission } from '../permissions.ts';

/** From the most to the least powerful. */
export const BUILT_IN_ROLES = ['owner', 'admin', 'manager', 'member', 'viewer'] as const;
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];

/** Other names that requests may use for them. */
const ALIASES: ReadonlyMap<string, BuiltInRole> = new Map([
  ['read_only', 'viewer'],
  ['user', 'member'],
]);

/** The built-in role of that name or alias, else null. */
export const builtInRole = (name: string): BuiltInRole | null =>
  (BUILT_IN_ROLES as readonly string[]).includes(name) ? (name as BuiltInRole) : (ALIASES.get(name) ?? null);

/** What comes with the role owner and with no other. */
export const OWNERS_ONLY: readonly Permission[] = ['organization.transfer', 'organization.delete'];
const whole = (...resources: string[]): Permission[] => PERMISSIONS.filter((permission) => resources.includes(permission.split('.')[0]!));
const MANAGER: Permission[] = [
  'organization.read',
  ...whole('campaign', 'lead', 'analytics', 'flow', 'event'),
  'team.read',
  'team.manage_members',
  'webhook.read',
];
const MEMBER: Permission[] = [
  'organization.read',
  'team.read',
  'campaign.read',
  'campaign.create',
  'campaign.update',
  'lead.read',
  'lead.create',
  'lead.update',
  'analytics.read',
  'flow.read',
  'flow.run',
  'event.publish',
];

/** What each built-in role may do. They are the same in every organization and cannot be changed. */
export const BUILT_IN_PERMISSIONS: Readonly<Record<BuiltInRole, ReadonlySet<Permission>>> = {
  owner: new Set(PERMISSIONS),
  admin: new Set(PERMISSIONS.filter((permission) => !OWNERS_ONLY.includes(permission))),
  manager: new Set(MANAGER),
  member: new Set(MEMBER),
  viewer: new Set(PERMISSIONS.filter((permission) => permission.endsWith('.read'))),
};

export const BUILT_IN_TEXTS: Readonly<Record<BuiltInRole, string>> = {
  owner: 'Everything, with handing the organization over and deleting it.',
  admin: 'Everything but handing the organization over and deleting it.',
  manager: 'Runs campaigns, leads, flows and events, reads figures, and manages members.',
  member: 'Works with campaigns and leads, runs flows and publishes events.',
  viewer: 'Reads everything and changes nothing.',
};
