import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { findApiKey } from './find.ts';

/** Ends a key for good, from the next request on. The row stays: what it did must remain explainable. Repeating changes nothing. Throws not_found. */
export async function revokeApiKey(tenant: TenantContext, id: string): Promise<void> {
  const { trx, clock } = tenant;
  const key = await findApiKey(tenant, id, { forChange: true });
  if (key.revokedAt) return;
  await key.$query(trx).patch({ revokedAt: clock.now(), updatedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'api_keys.revoke',
    category: 'system_config',
    severity: 'warning',
    targets: [{ type: 'api_key', id: typeId('key', id), name: key.name }],
  });
}
