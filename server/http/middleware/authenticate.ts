import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';
import { authenticateKey } from './authenticateKey.ts';
import { authenticateSession } from './authenticateSession.ts';
import { credentialOf, isAccessToken } from './credential.ts';

/**
 * Finds out who asks: an API key, or the session of an access token.
 * Throws missing_credentials, and what `authenticateKey` and `authenticateSession` throw.
 */
export function authenticate({ route }: Mount, deps: Deps): Step | null {
  if (route.public) return null;
  return async (ctx, next) => {
    const credential = credentialOf(ctx.req);
    await (isAccessToken(credential) ? authenticateSession(ctx, credential, route, deps) : authenticateKey(ctx, credential, route, deps));
    return next(ctx);
  };
}
