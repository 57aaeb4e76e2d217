import type { Transaction } from 'objection';

/** Longer than links are kept. */
const KEPT_DAYS = 14;

/** What points at a person. Somebody who is anything to anybody is kept, verified or not. */
const TIES = [
  'memberships WHERE user_id = u.id',
  'person_tokens WHERE user_id = u.id',
  'passwords WHERE user_id = u.id',
  'sessions WHERE user_id = u.id',
  'api_keys WHERE owner_user_id = u.id',
  'invitations WHERE accepted_by = u.id',
  'organizations WHERE founded_by = u.id',
  'ownership_transfers WHERE u.id IN (from_user_id, to_user_id)',
];

const FORGET = `DELETE FROM users WHERE id = ANY (ARRAY(
  SELECT u.id FROM users u WHERE u.email_verified_at IS NULL AND u.created_at < ?
  ${TIES.map((tie) => `AND NOT EXISTS (SELECT FROM ${tie})`).join(' ')} ORDER BY u.created_at LIMIT ?))`;

/** Deletes at most `limit` people who signed up two weeks ago and never proved their address. Returns how many. Runs as `artisan_system`. */
export async function forgetUnverified(trx: Transaction, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(FORGET, [new Date(now.getTime() - KEPT_DAYS * 86_400_000), limit]);
  return rowCount;
}
