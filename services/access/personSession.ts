import type { Actor, ActorSession } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** The session of the person who acts: for what no key may do, whatever its scopes. `detail` says so. Throws permission_denied. */
export function personSession(actor: Actor, detail: string): ActorSession {
  if (actor.type === 'user' && actor.session) return actor.session;
  throw new AppError('permission_denied', { detail });
}
