import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { typeId } from '../../../server/ids.ts';
import type { TenantContext } from '../../context.ts';
import { publishOperational } from '../../events/publishOperational.ts';

/** Tells the administrators' endpoints about a key, in the transaction of what happened. The relay wakes them. */
export function publishKeyEvent(tenant: TenantContext, type: `api_key.${string}`, key: ApiKey, more: object): Promise<void> {
  const { trx, actor, clock, subjectKeys } = tenant;
  const data = { api_key_id: typeId('key', key.id), name: key.name, ...more };
  return publishOperational(trx, { ...actor, workspaceId: key.workspaceId }, [{ type, data }], { clock, audit: { clock, subjectKeys } });
}
