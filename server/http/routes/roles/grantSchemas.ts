import { z } from 'zod';
import type { RoleGrant } from '../../../../services/access/insertMember.ts';
import { BUILT_IN_ROLES, builtInRole } from '../../../../services/access/builtInRoles.ts';
import type { BuiltInRole } from '../../../../services/access/builtInRoles.ts';
import { parseTypeId, typeId } from '../../../ids.ts';
import { distinct, text, wrong } from '../../fields.ts';
import { idSchema } from '../../params.ts';

const MAX_ROLES = 50;

/** A role as requests name it: a built-in one (or its alias) or the id of one of the organization's own. */
export const RoleRef = text()
  .transform((name, ctx): { role: BuiltInRole } | { roleId: string } => {
    const role = builtInRole(name);
    if (role !== null) return { role };
    const roleId = parseTypeId('rol', name);
    if (roleId !== null) return { roleId };
    ctx.addIssue({ code: 'custom', message: `is no role: expected ${BUILT_IN_ROLES.join(', ')} or an id like rol_…`, input: name });
    return z.NEVER;
  })
  .meta({
    description: `\`${BUILT_IN_ROLES.join('`, `')}\`, or the id of a role of your own (\`rol_…\`). \`read_only\` is another name of viewer, \`user\` of member.`,
    maxLength: 30,
    examples: ['member'],
  });

/** A role to give, in the whole organization or in one workspace. */
export const RoleGrantIn = z
  .strictObject({
    role: RoleRef,
    workspace_id: idSchema('wsp').nullable().default(null).describe('Only in this workspace; null: in the whole organization.'),
  })
  .transform(({ role, workspace_id: workspaceId }): RoleGrant => ({ ...role, workspaceId }))
  .meta({ id: 'RoleGrantIn' });

const keyOf = (grant: RoleGrant): string => `${'role' in grant ? grant.role : grant.roleId} ${grant.workspaceId ?? ''}`;

/** Roles to give, each once. */
export const RoleGrants = z
  .array(RoleGrantIn, wrong('must be a list of roles'))
  .max(MAX_ROLES, `has at most ${MAX_ROLES} roles`)
  .refine((grants) => distinct(grants.map(keyOf)), 'must not name a role twice');

/** Roles to give in the workspace that the path names. */
export const WorkspaceRoles = z
  .array(RoleRef, wrong('must be a list of roles'))
  .max(MAX_ROLES, `has at most ${MAX_ROLES} roles`)
  .refine((roles) => distinct(roles.map(keyOf)), 'must not name a role twice');

/** A role as answers name it; the other way round than RoleRef. */
export const presentRoleRef = (grant: { role: BuiltInRole | null; roleId: string | null }): string =>
  grant.role ?? typeId('rol', grant.roleId!);
