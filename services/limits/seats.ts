import type { TenantContext } from '../context.ts';

type Counting = Pick<TenantContext, 'trx' | 'actor'>;

/** Seats that are taken: by active members, and by invitations that may still be accepted. Inside the lock of assertRoom, or as a figure of the moment. */
export async function countSeats(tenant: Counting): Promise<number> {
  const [members, invited] = [await countMembers(tenant), await countInvited(tenant)];
  return members + invited;
}

/** Active members alone. */
export async function countMembers({ trx, actor }: Counting): Promise<number> {
  const [members] = await trx('memberships').where({ org_id: actor.orgId, status: 'active' }).count<{ count: number }[]>('* as count');
  return Number(members?.count ?? 0);
}

async function countInvited({ trx, actor }: Counting): Promise<number> {
  const pending = trx('invitations').where({ org_id: actor.orgId, status: 'pending' }).whereRaw('expires_at > now()');
  const [invited] = await pending.count<{ count: number }[]>('* as count');
  return Number(invited?.count ?? 0);
}
