import { z } from 'zod';
import { PERMISSIONS } from '../../../../services/permissions.ts';
import { distinct, instant, line, note, wrong } from '../../fields.ts';

const fields = {
  name: line(100).describe('Unlike that of every other role, in whatever case.'),
  description: note(1_000).nullable().default(null),
  permissions: z
    .array(z.enum(PERMISSIONS, 'is no permission: see GET /admin/permissions'), wrong('must be a list of permissions'))
    .max(PERMISSIONS.length)
    .refine(distinct, 'must not name a permission twice')
    .describe('What the role lets its holders do. You must hold all of it yourself.'),
};

export const RoleIn = z.strictObject(fields).meta({ id: 'RoleIn' });

export const RolePatch = z
  .strictObject({
    name: fields.name.optional(),
    description: note(1_000).nullable().optional(),
    permissions: fields.permissions.optional(),
  })
  .meta({ id: 'RolePatch' });

export const RoleOut = z
  .object({
    id: z.string().nullable().describe('null for a built-in role.'),
    role: z.string().describe('What requests name to give it: the name of a built-in role, or the id.'),
    name: z.string(),
    description: z.string().nullable(),
    built_in: z.boolean().describe('Built-in roles are the same everywhere and cannot be changed.'),
    permissions: z.array(z.enum(PERMISSIONS)),
    members: z.int().describe('How many members have it.'),
    grantable: z.boolean().describe('Whether you could give it.'),
    created_at: instant().nullable(),
    updated_at: instant().nullable(),
  })
  .meta({ id: 'RoleOut' });
