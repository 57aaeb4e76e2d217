import { listen } from '../db/listen.ts';
import type { Listener } from '../db/listen.ts';
import type { Authenticator } from '../services/apiKeys/authenticate.ts';
import type { Auth } from '../services/auth/createAuth.ts';
import { listenForDataKeys } from '../services/crypto/listenForDataKeys.ts';
import type { MasterVault } from '../services/crypto/vault.ts';
import type { Logger } from './logger.ts';

export interface Listeners {
  keyChanges: Listener;
  dataKeyChanges: Listener;
  /** What people and organizations may do changed. */
  accessChanges: Listener;
}

interface Hearers {
  authenticator: Authenticator;
  auth: Auth;
  vault: MasterVault;
  logger: Logger;
}

/** Connections over which Postgres says what the caches of this process must forget. */
export function createListeners(url: string, { authenticator, auth, vault, logger }: Hearers): Listeners {
  return {
    dataKeyChanges: listenForDataKeys(url, vault, logger),
    keyChanges: listen({
      url,
      channel: 'api_key_changed',
      onMessage: (keyId) => authenticator.forget(keyId),
      onReconnect: () => authenticator.forgetAll(),
      logger,
    }),
    accessChanges: listen({
      url,
      channel: 'access_changed',
      onMessage(subject) {
        authenticator.forgetAccess(subject);
        auth.changed(subject);
      },
      onReconnect() {
        authenticator.forgetAll();
        auth.forgetAll();
      },
      logger,
    }),
  };
}
