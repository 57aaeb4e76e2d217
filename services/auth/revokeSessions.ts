import { Session } from '../../db/models/Session.ts';
import type { PersonContext } from './personContext.ts';

export type RevocationReason =
  | 'signed_out'
  | 'revoked'
  | 'password_changed'
  | 'password_reset'
  | 'email_verified'
  | 'email_changed'
  | 'second_factor_changed'
  | 'refresh_token_reused';

/**
 * Ends live sessions of the person of the transaction: one (`only`), all but one (`except`), or all. Their tokens end with them.
 * Returns how many there were.
 */
export async function revokeSessions(
  { trx, userId, clock }: Pick<PersonContext, 'trx' | 'userId' | 'clock'>,
  { only, except, reason }: { only?: string; except?: string; reason: RevocationReason },
): Promise<number> {
  const live = Session.query(trx).where({ user_id: userId, revoked_at: null }).where('expires_at', '>', clock.now());
  if (only !== undefined) void live.where({ id: only });
  if (except !== undefined) void live.whereNot({ id: except });
  return live.patch({ revokedAt: clock.now(), revokedReason: reason });
}
