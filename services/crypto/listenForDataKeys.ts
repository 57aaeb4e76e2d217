import { listen } from '../../db/listen.ts';
import type { Listener } from '../../db/listen.ts';
import type { Logger } from '../../server/logger.ts';
import type { OrganizationVaults } from './organizationVaults.ts';

/** Has the vaults read an organization's data keys again when they changed. A message that is lost costs nothing but time: keys are never kept for long. */
export function listenForDataKeys(url: string, vaults: OrganizationVaults, logger: Logger): Listener {
  return listen({
    url,
    channel: 'data_keys_changed',
    onMessage: (orgId) => vaults.forget(orgId),
    onReconnect: () => vaults.forgetAll(),
    logger,
  });
}
