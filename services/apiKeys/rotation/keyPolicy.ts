import type { TenantContext } from '../../context.ts';
import { organizationSettings } from '../../organizations/settings.ts';
import type { ApiKeySettings } from '../../organizations/settings.ts';

/** What the organization demands of its keys. */
export async function keyPolicy({ trx, actor }: TenantContext): Promise<ApiKeySettings> {
  const row = await trx('organizations').where({ id: actor.orgId }).first<{ settings: unknown } | undefined>('settings');
  return organizationSettings(row?.settings).apiKeys;
}
