import { typeId } from '../../server/ids.ts';
import type { Logger } from '../../server/logger.ts';
import type { EndpointHealth } from '../../services/webhooks/health.ts';
import type { EndpointRef } from '../../services/webhooks/lifecycle.ts';

/** Says in the log that the health of an endpoint changed its status; null: it is not active, or not known yet. */
export function logHealthChange(logger: Logger, ref: EndpointRef, before: EndpointHealth | null, after: EndpointHealth | null): void {
  const [from, to] = [before?.status ?? 'active', after?.status ?? 'stopped'];
  if (from === to) return;
  const fields = { org_id: typeId('org', ref.orgId), webhook_id: typeId('whk', ref.endpointId), from, to };
  if (to === 'active') logger.info(fields, 'the endpoint recovered');
  else logger.warn({ ...fields, held_until: after?.heldUntil ?? null }, 'the health of an endpoint changed');
}
