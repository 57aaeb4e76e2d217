import { z } from 'zod';
import { BUILT_IN_ROLES } from '../../../../services/access/builtInRoles.ts';
import { PERMISSIONS } from '../../../../services/permissions.ts';
import { HeldRole } from '../members/schemas.ts';

const permission = () => z.enum(PERMISSIONS);

export const PermissionEntry = z
  .object({
    permission: permission(),
    description: z.string(),
    built_in_roles: z.array(z.enum(BUILT_IN_ROLES)).describe('The built-in roles that have it.'),
    in_workspace: z.boolean().describe('Whether a role in a single workspace can give it.'),
    held: z.boolean().describe('Whether you have it here.'),
  })
  .meta({ id: 'PermissionEntry' });

export const PermissionRegistry = z.object({ data: z.array(PermissionEntry) }).meta({ id: 'PermissionRegistry' });

export const MyPermissions = z
  .object({
    credential: z.enum(['session', 'api_key']),
    organization_id: z.string(),
    workspace_id: z.string().nullable().describe('Set when the request acts in one workspace.'),
    user_id: z.string().nullable().describe('The person who acts, or who owns the key; null for a key of the organization.'),
    api_key_id: z.string().nullable(),
    permissions: z
      .array(permission())
      .describe('What this request may do: roles here and in the whole organization, of a key cut to its scopes.'),
    roles: z.array(HeldRole).describe('The roles of that person that count here.'),
    scopes: z.array(permission()).nullable().describe('What the key was made for; null for a session.'),
  })
  .meta({ id: 'MyPermissions' });
