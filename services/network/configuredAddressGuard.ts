import type { Config } from '../../server/config.ts';
import { createAddressGuard } from './addressGuard.ts';
import type { AddressGuard } from './addressGuard.ts';
import { createNameResolver } from './nameResolver.ts';

/** The guard as API and worker use it: one rule when an endpoint is set and when it is called. */
export function configuredAddressGuard(config: Pick<Config, 'WEBHOOK_ALLOW_INSECURE_LOOPBACK' | 'WEBHOOK_DNS_SERVERS'>): AddressGuard {
  return createAddressGuard({
    allowInsecureLoopback: config.WEBHOOK_ALLOW_INSECURE_LOOPBACK,
    resolve: createNameResolver(config.WEBHOOK_DNS_SERVERS),
  });
}
