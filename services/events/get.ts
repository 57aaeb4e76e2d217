import { Event } from '../../db/models/Event.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** One event with its payload. A credential bound to a workspace sees that workspace's only. Throws not_found. */
export async function getEvent({ trx, actor }: TenantContext, id: string): Promise<Event> {
  const query = Event.query(trx).findOne({ org_id: actor.orgId, id });
  if (actor.workspaceId !== null) void query.where({ workspace_id: actor.workspaceId });
  const event = await query;
  if (!event) throw new AppError('not_found');
  return event;
}
