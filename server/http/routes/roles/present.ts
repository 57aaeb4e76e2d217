import type { z } from 'zod';
import type { RoleView } from '../../../../services/roles/view.ts';
import { typeId } from '../../../ids.ts';
import type { RoleOut } from './schemas.ts';

export function presentRole(role: RoleView): z.input<typeof RoleOut> {
  const id = role.id === null ? null : typeId('rol', role.id);
  return {
    id,
    role: role.builtIn ?? id!,
    name: role.name,
    description: role.description,
    built_in: role.builtIn !== null,
    permissions: role.permissions,
    members: role.members,
    grantable: role.grantable,
    created_at: role.createdAt?.toISOString() ?? null,
    updated_at: role.updatedAt?.toISOString() ?? null,
  };
}
