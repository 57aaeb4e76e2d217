import type { Knex } from 'knex';
import type { Grant } from './grant.ts';

/** What access_of() tells, inside the organization's transaction: the grants of an active member, null when the person is none. */
export async function memberGrants(trx: Knex.Transaction, orgId: string, userId: string): Promise<Grant[] | null> {
  const member = await trx('memberships as m')
    .join('users as u', 'u.id', 'm.user_id')
    .where({ 'm.org_id': orgId, 'm.user_id': userId, 'm.status': 'active' })
    .whereNull('u.deleted_at')
    .first<{ id: string } | undefined>('m.id');
  return member ? membershipGrants(trx, orgId, member.id) : null;
}

/** The grants of a membership, whatever its status. */
export function membershipGrants(trx: Knex.Transaction, orgId: string, membershipId: string): Promise<Grant[]> {
  return trx('membership_roles as g')
    .leftJoin('roles as r', (on) => on.on('r.org_id', 'g.org_id').andOn('r.id', 'g.role_id'))
    .leftJoin('workspaces as w', (on) => on.on('w.org_id', 'g.org_id').andOn('w.id', 'g.workspace_id'))
    .where({ 'g.org_id': orgId, 'g.membership_id': membershipId })
    .whereNull('w.deleted_at')
    .select<Grant[]>('g.role', 'g.role_id', 'r.permissions', 'g.workspace_id');
}
