import type { TenantContext } from '../context.ts';

/**
 * Makes the sessions of a person (uuid) leave the organization that they had entered; they stay signed in elsewhere.
 * Sessions belong to the person and not to the organization, so a function of the database does this and nothing else. Returns how many.
 */
export async function cutSessions({ trx }: Pick<TenantContext, 'trx'>, userId: string): Promise<number> {
  const { rows } = await trx.raw<{ rows: { cut: number }[] }>('SELECT cut_sessions(?) AS cut', [userId]);
  return rows[0]!.cut;
}
