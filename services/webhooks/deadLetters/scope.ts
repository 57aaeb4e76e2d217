import type { DeadLetterScope } from '../../../db/queries/deadLetters.ts';
import { typeId } from '../../../server/ids.ts';
import type { Actor } from '../../context.ts';

/** null: not narrowed down. Times are those at which the delivery was made: `since` included, `until` not. */
export interface DeadLetterFilter {
  webhookId: string | null;
  eventType: string | null;
  since: Date | null;
  until: Date | null;
}

/** The filter within what the actor may see. */
export function scopeOf(actor: Actor, { webhookId, ...filter }: DeadLetterFilter): DeadLetterScope {
  return { orgId: actor.orgId, workspaceId: actor.workspaceId, endpointId: webhookId, ...filter };
}

/** What the audit log keeps of a change by filter. */
export function describeFilter({ eventType, since, until }: DeadLetterFilter): Record<string, string> {
  return {
    ...(eventType !== null && { event_type: eventType }),
    ...(since !== null && { since: since.toISOString() }),
    ...(until !== null && { until: until.toISOString() }),
  };
}

/** The endpoint that the filter names, or the whole organization. */
export const targetOf = ({ orgId }: Actor, { webhookId }: DeadLetterFilter): { type: string; id: string } =>
  webhookId === null ? { type: 'organization', id: typeId('org', orgId) } : { type: 'webhook', id: typeId('whk', webhookId) };
