import { typeId } from '../../server/ids.ts';
import { assertMayGrantPermissions } from '../access/assertMayGrant.ts';
import { lockAccess } from '../access/lockAccess.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { findOrganization } from '../organizations/findOrganization.ts';
import { organizationSettings } from '../organizations/settings.ts';
import { isPermission } from '../permissions.ts';
import { findRole } from './find.ts';
import { describeRole } from './update.ts';

/**
 * Deletes a role that nobody has, that no open invitation offers and that the policy of second factors does not name: to take it out of the policy
 * silently would weaken it for whoever gets the next such role. Throws not_found, permission_denied, role_in_use.
 */
export async function deleteRole(tenant: TenantContext, id: string): Promise<void> {
  const { trx, actor } = tenant;
  assertWholeOrganization(actor);
  await lockAccess(tenant);
  const role = await findRole(tenant, id);
  await assertMayGrantPermissions(tenant, role.permissions.filter(isPermission));
  await assertUnused(tenant, id);
  await trx('roles').where({ org_id: actor.orgId, id }).delete();
  await appendAudit(tenant, {
    action: 'roles.delete',
    category: 'user_management',
    targets: [{ type: 'role', id: typeId('rol', id), name: role.name }],
    before: describeRole(role),
  });
}

async function assertUnused(tenant: TenantContext, roleId: string): Promise<void> {
  const { trx, actor } = tenant;
  const [row] = await trx('membership_roles')
    .where({ org_id: actor.orgId, role_id: roleId })
    .countDistinct<{ members: number }[]>('membership_id as members');
  const members = Number(row?.members ?? 0);
  const invitations = await countInvitations(tenant, roleId);
  const mfaPolicy = await isInMfaPolicy(tenant, roleId);
  if (members + invitations === 0 && !mfaPolicy) return;
  const uses = [
    ...(members > 0 ? [`${members} ${members === 1 ? 'member has' : 'members have'} it`] : []),
    ...(invitations > 0 ? [`${invitations} open ${invitations === 1 ? 'invitation offers' : 'invitations offer'} it`] : []),
    ...(mfaPolicy ? ['the policy of second factors (`settings.mfa.roles` of the organization) names it'] : []),
  ];
  throw new AppError('role_in_use', {
    detail: `This role is in use: ${uses.join(', and ')}. Put another one in its place first.`,
    extensions: { in_use: { members, invitations, mfa_policy: mfaPolicy } },
  });
}

/** Also while the policy is another one than `roles`: the list waits for when it is that again. */
async function isInMfaPolicy(tenant: TenantContext, roleId: string): Promise<boolean> {
  const { settings } = await findOrganization(tenant);
  return organizationSettings(settings).mfa.roles.includes(typeId('rol', roleId));
}

async function countInvitations({ trx, actor, clock }: TenantContext, roleId: string): Promise<number> {
  const [row] = await trx('invitations')
    .where({ org_id: actor.orgId, status: 'pending' })
    .where('expires_at', '>', clock.now())
    .whereRaw('roles @> ?', [JSON.stringify([{ roleId }])])
    .count<{ count: number }[]>('* as count');
  return Number(row?.count ?? 0);
}
