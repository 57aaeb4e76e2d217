import type { Transaction } from 'objection';
import { Event } from '../models/Event.ts';

interface EventFilter {
  orgId: string;
  /** Only events of this workspace. */
  workspaceId: string | null;
  type: string | null;
  /** Accepted at or after. */
  since: Date | null;
  /** Accepted before. */
  until: Date | null;
  /** Only events older than this one: where the previous page ended. */
  before: string | null;
  limit: number;
}

/** Everything but the payload, which may be large. */
const LISTED = [
  'org_id',
  'id',
  'workspace_id',
  'type',
  'occurred_at',
  'channels',
  'deliveries',
  'created_at',
  'payload_erased_at',
] as const;

/** Events newest first, without their payload. Time is read off the id, so only the partitions of that time are touched. */
export async function listEvents(trx: Transaction, filter: EventFilter): Promise<Event[]> {
  const { orgId, workspaceId, type, since, until, before, limit } = filter;
  const query = Event.query(trx)
    .select(...LISTED)
    .where({ org_id: orgId })
    .orderBy('id', 'desc')
    .limit(limit);
  if (workspaceId !== null) void query.where({ workspace_id: workspaceId });
  if (type !== null) void query.where({ type });
  if (since !== null) void query.whereRaw('id >= uuidv7_floor(?)', [fromEpoch(since)]);
  if (until !== null) void query.whereRaw('id < uuidv7_floor(?)', [fromEpoch(until)]);
  if (before !== null) void query.where('id', '<', before);
  return query;
}

/** The time in an id has no sign. */
const fromEpoch = (time: Date): Date => (time.getTime() < 0 ? new Date(0) : time);
