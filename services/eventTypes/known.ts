import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { EVENT_TYPES } from './registry.ts';

/** For a filter: a mistyped type would find nothing, for ever. Throws unknown_event_type. */
export async function assertKnownEventType({ trx, actor }: TenantContext, type: string, location: string): Promise<void> {
  if (EVENT_TYPES.has(type)) return;
  if (await trx('event_types').where({ org_id: actor.orgId, name: type }).first('id')) return;
  throw new AppError('unknown_event_type', {
    detail: `The known types are: ${[...EVENT_TYPES.keys()].join(', ')}, and the organization's own.`,
    fields: [{ location, message: `"${type}" is not a known event type.` }],
  });
}
