import type { Channel } from '../../db/listen.ts';
import type { OrganizationVaults } from './organizationVaults.ts';

/** Has the vaults read an organization's data keys again when they changed. A message that is lost costs nothing but time: keys are never kept for long. */
export const dataKeyChanges = (vaults: OrganizationVaults): Channel => ({
  name: 'data_keys_changed',
  onMessage: (orgId) => vaults.forget(orgId),
  onReconnect: () => vaults.forgetAll(),
});
