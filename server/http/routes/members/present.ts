import type { z } from 'zod';
import type { MemberRoleRow } from '../../../../db/queries/listMembers.ts';
import type { RoleGrant } from '../../../../services/access/insertMember.ts';
import type { Member } from '../../../../services/members/find.ts';
import type { MemberChange } from '../../../../services/members/update.ts';
import { typeId } from '../../../ids.ts';
import { presentRoleRef } from '../roles/grantSchemas.ts';
import type { HeldRole, MemberOut } from './schemas.ts';

export function presentHeldRole(held: MemberRoleRow): z.input<typeof HeldRole> {
  const { role, roleName, workspaceId, source, grantedBy, createdAt } = held;
  return {
    role: presentRoleRef(held),
    name: role ?? roleName ?? '',
    workspace_id: workspaceId === null ? null : typeId('wsp', workspaceId),
    source,
    granted_by: grantedBy === null ? null : typeId('usr', grantedBy),
    granted_at: createdAt.toISOString(),
  };
}

export function presentMember(member: Member): z.input<typeof MemberOut> {
  return {
    user_id: typeId('usr', member.userId),
    membership_id: typeId('mem', member.membershipId),
    email: member.email,
    name: member.name,
    email_verified: member.emailVerifiedAt !== null,
    status: member.status,
    joined_at: member.joinedAt.toISOString(),
    roles: member.roles.map(presentHeldRole),
  };
}

interface MemberChangeIn {
  status?: 'active' | 'suspended' | undefined;
  roles?: readonly RoleGrant[] | undefined;
  include_directory: boolean;
}

export const fromMemberChange = ({ status, roles, include_directory: includeDirectory }: MemberChangeIn): MemberChange => ({
  ...(status !== undefined && { status }),
  ...(roles !== undefined && { roles }),
  includeDirectory,
});
