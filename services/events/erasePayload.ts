import type { ReadEvent } from '../../db/queries/readEvents.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { erasePayloads } from './erasePayloads.ts';
import { getEvent } from './get.ts';

/** Erases the payload of one event that the actor may see; it stays on record. A repeat erases what receivers answered since. Throws not_found. */
export async function erasePayload(tenant: TenantContext, id: string): Promise<ReadEvent> {
  await getEvent(tenant, id);
  const { eventIds, cancelled } = await erasePayloads(tenant.trx, tenant.actor.orgId, [id]);
  // None: it was erased before.
  if (eventIds.length > 0) {
    await appendAudit(tenant, {
      action: 'events.erase_payload',
      category: 'compliance',
      severity: 'warning',
      targets: [{ type: 'event', id: typeId('evt', id) }],
      after: { cancelled_deliveries: cancelled },
    });
  }
  return getEvent(tenant, id);
}
