import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { findSession } from '../../db/queries/findSession.ts';
import type { Clock } from '../../server/clock.ts';
import type { Vault } from '../crypto/vault.ts';
import { createAccessTokens } from './accessTokens.ts';
import type { AccessTokens } from './accessTokens.ts';
import { createSessionAuthenticator } from './authenticateSession.ts';
import type { SessionAuthenticator } from './authenticateSession.ts';
import { createKeyRing } from './signingKeys/keyRing.ts';
import type { KeyRing } from './signingKeys/keyRing.ts';

/** What a process needs to know who is signed in. */
export interface Auth {
  keyRing: KeyRing;
  tokens: AccessTokens;
  sessions: SessionAuthenticator;
  /** What `access_changed` says: `org:<uuid>`, `user:<uuid>` or `signing_keys`. */
  changed(subject: string): void;
  /** Changes may have been missed. */
  forgetAll(): void;
}

interface AuthParts {
  knex: Knex;
  vault: Vault;
  clock: Clock;
  /** PUBLIC_URL; unset: the tokens name an issuer that is no address. */
  publicUrl: string | undefined;
}

export const issuerOf = (publicUrl: string | undefined): string => publicUrl?.replace(/\/+$/, '') ?? 'urn:artisan:platform';

/** Reads nothing yet. */
export function createAuth({ knex, vault, clock, publicUrl }: AuthParts): Auth {
  const keyRing = createKeyRing({ knex, vault, clock });
  const tokens = createAccessTokens({ keyRing, clock, issuer: issuerOf(publicUrl) });
  const find = (sessionId: string, orgId: string | null) => findSession(knex, sessionId, orgId).catch(rethrowMapped);
  const sessions = createSessionAuthenticator({ tokens, clock, findSession: find });
  const keysChanged = (): void => {
    keyRing.forget();
    tokens.forget();
  };
  return {
    keyRing,
    tokens,
    sessions,
    changed: (subject) => (subject === 'signing_keys' ? keysChanged() : sessions.forget(subject)),
    forgetAll() {
      keysChanged();
      sessions.forgetAll();
    },
  };
}

function rethrowMapped(error: unknown): never {
  throw toAppError(error);
}
