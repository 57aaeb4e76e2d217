import { Password } from '../../db/models/Password.ts';
import { AppError } from '../errors/AppError.ts';
import { orderedAmr } from './amr.ts';
import type { AccessTokens } from './accessTokens.ts';
import type { PendingLogin } from './pendingLogin.ts';
import type { PersonContext } from './personContext.ts';
import { startSession } from './startSession.ts';
import type { StartedSession } from './startSession.ts';

/**
 * Ends a sign-in that waited for its second factor, which `factor` names (RFC 8176). Who calls has checked it.
 * Throws invalid_mfa_token when the password was changed meanwhile.
 */
export async function completeLogin(
  person: PersonContext,
  tokens: AccessTokens,
  { pending, factor }: { pending: PendingLogin; factor: { amr: readonly string[] } },
): Promise<StartedSession> {
  const { amr, authTime, passwordChangedAt, orgId } = pending;
  if (passwordChangedAt) {
    const password = await Password.query(person.trx).findById(person.userId);
    if (password?.changedAt.getTime() !== passwordChangedAt.getTime()) throw new AppError('invalid_mfa_token');
  }
  const proof = { amr: orderedAmr([...amr, ...factor.amr, 'mfa']), authTime, mfaAt: person.clock.now() };
  return startSession(person, tokens, { proof, orgId: orgId ?? undefined });
}
