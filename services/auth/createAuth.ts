import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { findSession } from '../../db/queries/findSession.ts';
import type { Clock } from '../../server/clock.ts';
import type { Config } from '../../server/config.ts';
import type { Logger } from '../../server/logger.ts';
import type { DerivedKeys } from '../crypto/derivedKeys.ts';
import type { Vault } from '../crypto/vault.ts';
import { createAccessTokens, issuerOf } from './accessTokens.ts';
import type { AccessTokens } from './accessTokens.ts';
import { createSessionAuthenticator } from './authenticateSession.ts';
import type { SessionAuthenticator } from './authenticateSession.ts';
import { createBreachCheck, NO_BREACH_CHECK } from './passwords/breach.ts';
import type { BreachCheck } from './passwords/breach.ts';
import { createPasswordHasher } from './passwords/hasher.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import { createKeyRing } from './signingKeys/keyRing.ts';
import type { KeyRing } from './signingKeys/keyRing.ts';
import { createThrottle } from './throttle.ts';
import type { Throttle } from './throttle.ts';

/** What a process needs to sign people in, and to know who is. */
export interface Auth {
  keyRing: KeyRing;
  tokens: AccessTokens;
  sessions: SessionAuthenticator;
  throttle: Throttle;
  hasher: PasswordHasher;
  breaches: BreachCheck;
  /** Sign-ups, resets and sign-ins are answered after this time at the earliest, whether there is an account or not. */
  answerFloorMs: number;
  /** What `access_changed` says: `org:<uuid>`, `user:<uuid>` or `signing_keys`. */
  changed(subject: string): void;
  /** Changes may have been missed. */
  forgetAll(): void;
}

interface AuthParts {
  knex: Knex;
  vault: Vault;
  derivedKeys: DerivedKeys;
  clock: Clock;
  logger: Logger;
  config: Pick<Config, 'PUBLIC_URL' | 'PASSWORD_BREACH_CHECK' | 'PASSWORD_BREACH_URL'>;
}

/** What an account makes to do (a few statements), many times over. */
const ANSWER_FLOOR_MS = 250;

/** Reads nothing yet. */
export function createAuth(parts: AuthParts): Auth {
  const { knex, clock, logger, config } = parts;
  const onUntrusted = (kid: string, err: unknown): void => logger.error({ kid, err }, 'a signing key is not ours, and trusted by nobody');
  const keyRing = createKeyRing({ ...parts, onUntrusted });
  const tokens = createAccessTokens({ keyRing, clock, issuer: issuerOf(config.PUBLIC_URL) });
  const sessions = createSessionAuthenticator({ tokens, clock, findSession: (...ids) => findSession(knex, ...ids).catch(rethrowMapped) });
  const keysChanged = (): void => {
    keyRing.forget();
    tokens.forget();
  };
  return {
    keyRing,
    tokens,
    sessions,
    throttle: createThrottle(parts),
    hasher: createPasswordHasher(),
    breaches: config.PASSWORD_BREACH_CHECK === 'on' ? createBreachCheck(config.PASSWORD_BREACH_URL, logger) : NO_BREACH_CHECK,
    answerFloorMs: ANSWER_FLOOR_MS,
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
