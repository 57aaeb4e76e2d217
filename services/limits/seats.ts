import type { TenantContext } from '../context.ts';

/** Seats that are taken: by active members. Inside the lock of assertRoom, or as a figure of the moment. */
export async function countSeats({ trx, actor }: Pick<TenantContext, 'trx' | 'actor'>): Promise<number> {
  const [members] = await trx('memberships').where({ org_id: actor.orgId, status: 'active' }).count<{ count: number }[]>('* as count');
  return Number(members?.count ?? 0);
}
