import { z } from 'zod';
import { instant, line, wrong } from '../../fields.ts';
import { idSchema } from '../../params.ts';
import { RoleGrants, RoleRef, WorkspaceRoles } from '../roles/grantSchemas.ts';

export const MemberParams = z.strictObject({ user_id: idSchema('usr') });
export const UserParams = z.strictObject({ id: idSchema('usr') });
export const WorkspaceParams = z.strictObject({ workspace_id: idSchema('wsp') });
export const WorkspaceMemberParams = z.strictObject({ workspace_id: idSchema('wsp'), user_id: idSchema('usr') });

const status = () => z.enum(['active', 'suspended'], wrong('must be active or suspended'));

export const MEMBER_FILTERS = {
  status: status().optional().describe('Only members in this state.'),
  role: RoleRef.optional(),
  email: line(254).toLowerCase().optional().describe('Only the member with exactly this address.'),
};

const includeDirectory = () =>
  z
    .boolean(wrong('must be true or false'))
    .default(false)
    .describe('Also replace roles that a directory gave (`scim`, `sso`). Left out, those stay: the directory takes them back itself.');

const roles = () =>
  RoleGrants.describe(
    'All roles that the member is to have. Roles that are kept stay as they were given; new ones have the source `manual`.',
  );

export const MemberRolesIn = z.strictObject({ roles: roles(), include_directory: includeDirectory() }).meta({ id: 'MemberRolesIn' });

export const MemberPatch = z
  .strictObject({ status: status().optional(), roles: roles().optional(), include_directory: includeDirectory() })
  .refine(({ status: given, roles: granted }) => given !== undefined || granted !== undefined, 'must name status or roles')
  .meta({ id: 'MemberPatch' });

export const UserPut = z.strictObject({ status: status(), roles: roles(), include_directory: includeDirectory() }).meta({ id: 'UserPut' });

export const WorkspaceRolesIn = z
  .strictObject({
    roles: WorkspaceRoles.describe('All roles that the member is to have in this workspace.'),
    include_directory: includeDirectory(),
  })
  .meta({ id: 'WorkspaceRolesIn' });

export const HeldRole = z
  .object({
    role: z.string().describe('Name of a built-in role, or the id of one of your own: what requests name.'),
    name: z.string(),
    workspace_id: z.string().nullable().describe('null: in the whole organization.'),
    source: z
      .enum(['founder', 'manual', 'invite', 'domain', 'transfer', 'scim', 'sso'])
      .describe('Who gave it. What a directory gave (`scim`, `sso`) only the directory takes back, unless a request says otherwise.'),
    granted_by: z.string().nullable().describe('The user who gave it; null when it was a key, a command or a directory.'),
    granted_at: instant(),
  })
  .meta({ id: 'HeldRole' });

export const MemberOut = z
  .object({
    user_id: z.string(),
    membership_id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    email_verified: z.boolean(),
    status: z.enum(['active', 'suspended']),
    joined_at: instant(),
    roles: z.array(HeldRole).describe('The oldest first.'),
  })
  .meta({ id: 'MemberOut' });

export const HeldRoles = z.object({ data: z.array(HeldRole) }).meta({ id: 'HeldRoles' });
