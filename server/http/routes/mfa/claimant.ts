import { openPendingLogin } from '../../../../services/auth/pendingLogin.ts';
import { AppError } from '../../../../services/errors/AppError.ts';
import type { Claimant } from '../../../../services/mfa/prove.ts';
import type { Deps } from '../../../deps.ts';
import { credentialOf, isAccessToken } from '../../middleware/credential.ts';

interface Asking {
  body: { mfa_token?: string | undefined };
  headers: Readonly<Record<string, string | string[] | undefined>>;
  deps: Deps;
}

/**
 * Whose factor is shown, and what for: a sign-in that waits has no session yet, so these routes are public and find out themselves.
 * Throws invalid_mfa_token, missing_credentials, permission_denied, and what the access token deserves.
 */
export async function claimantOf({ body: { mfa_token: token }, headers, deps }: Asking): Promise<Claimant> {
  if (token !== undefined) return { pending: openPendingLogin(deps, token), token };
  const { authorization } = headers;
  if (typeof authorization !== 'string') {
    throw new AppError('missing_credentials', { detail: 'Send `mfa_token` of a sign-in that waits, or the access token of a session.' });
  }
  const credential = credentialOf({ headers: { authorization }, rawHeaders: [] });
  if (!isAccessToken(credential))
    throw new AppError('permission_denied', { detail: 'API keys have no second factor: send the access token of a session.' });
  return { session: await deps.auth.sessions.authenticate(credential) };
}
