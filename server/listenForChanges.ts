import { listen } from '../db/listen.ts';
import type { Listener } from '../db/listen.ts';
import type { Authenticator } from '../services/apiKeys/authenticate.ts';
import type { Auth } from '../services/auth/createAuth.ts';
import { dataKeyChanges } from '../services/crypto/dataKeyChanges.ts';
import type { MasterVault } from '../services/crypto/vault.ts';
import type { Logger } from './logger.ts';

interface Hearers {
  authenticator: Authenticator;
  auth: Auth;
  vault: MasterVault;
  logger: Logger;
}

/** The connection over which Postgres says what the caches of this process must forget. */
export function listenForChanges(url: string, { authenticator, auth, vault, logger }: Hearers): Listener {
  const channels = [
    dataKeyChanges(vault),
    { name: 'api_key_changed', onMessage: (keyId: string) => authenticator.forget(keyId) },
    {
      // What people and organizations may do.
      name: 'access_changed',
      onMessage(subject: string) {
        authenticator.forgetAccess(subject);
        auth.changed(subject);
      },
      onReconnect() {
        authenticator.forgetAll();
        auth.forgetAll();
      },
    },
  ];
  return listen({ url, channels, logger });
}
