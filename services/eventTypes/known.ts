import { prepared } from '../../db/prepared.ts';
import type { ReadContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { EVENT_TYPES } from './registry.ts';

const KNOWN = 'SELECT 1 FROM event_types WHERE org_id = $1 AND name = $2';

/** For a filter: a mistyped type would find nothing, for ever. Throws unknown_event_type. */
export async function assertKnownEventType({ trx, actor }: ReadContext, type: string, location: string): Promise<void> {
  if (EVENT_TYPES.has(type)) return;
  const { rows } = await prepared(trx, 'known-event-type', KNOWN, [actor.orgId, type]);
  if (rows.length > 0) return;
  throw new AppError('unknown_event_type', {
    detail: `The known types are: ${[...EVENT_TYPES.keys()].join(', ')}, and the organization's own.`,
    fields: [{ location, message: `"${type}" is not a known event type.` }],
  });
}
