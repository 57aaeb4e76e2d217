import type { Knex } from 'knex';

/** uuid, and the address that was verified. */
export interface ActiveOwner {
  userId: string;
  email: string;
}

/** The owners of an organization who can be written to, in its own transaction. */
export function activeOwners(trx: Knex.Transaction, orgId: string): Promise<ActiveOwner[]> {
  return trx('membership_roles as g')
    .join('memberships as m', (on) => on.on('m.org_id', 'g.org_id').andOn('m.id', 'g.membership_id'))
    .join('users as u', 'u.id', 'm.user_id')
    .where({ 'g.org_id': orgId, 'g.role': 'owner', 'm.status': 'active' })
    .whereNull('u.deleted_at')
    .whereNotNull('u.email_verified_at')
    .orderBy('u.id')
    .distinct<ActiveOwner[]>({ userId: 'u.id', email: 'u.email' });
}
