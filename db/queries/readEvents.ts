import type { Event } from '../models/Event.ts';
import type { Sender } from '../prepared.ts';
import { columnsOf, reading, seenBy } from './reading.ts';
import type { SeenBy } from './reading.ts';

/** Everything but the payload, which may be large. */
const LISTED = [
  'id',
  'workspaceId',
  'type',
  'occurredAt',
  'channels',
  'deliveries',
  'createdAt',
  'payloadErasedAt',
] as const satisfies readonly (keyof Event)[];

export type ListedEvent = Pick<Event, (typeof LISTED)[number]>;
export type ReadEvent = ListedEvent & Pick<Event, 'payload'>;

interface EventFilter extends SeenBy {
  type: string | null;
  /** The same type again when it would be the organization's own: nothing is read unless it is. */
  ownType: string | null;
  /** Accepted at or after. */
  since: Date | null;
  /** Accepted before. */
  until: Date | null;
  /** Only events older than this one: where the previous page ended. */
  before: string | null;
  limit: number;
}

const one = reading<ReadEvent>({ name: 'read-event', select: `SELECT ${columnsOf([...LISTED, 'payload'])} FROM events WHERE true` });
const many = reading<ListedEvent>({
  name: 'list-events',
  select: `SELECT ${columnsOf(LISTED)} FROM events WHERE true`,
  end: ' ORDER BY id DESC LIMIT ?',
});

/** An event with its payload; undefined when there is none. */
export async function readEvent(sender: Sender, id: string, filter: SeenBy): Promise<ReadEvent | undefined> {
  const [event] = await one(sender, [...seenBy(filter), ['id = ?', id]]);
  return event;
}

/** Events newest first, without their payload. Time is read off the id, so only the partitions of that time are touched. */
export function listEvents(sender: Sender, { type, ownType, since, until, before, limit, ...filter }: EventFilter): Promise<ListedEvent[]> {
  const conditions = [
    ...seenBy(filter),
    // It depends on no event, so Postgres asks once, before it reads any; its fence is the organization's.
    ['EXISTS (SELECT FROM event_types WHERE name = ?)', ownType],
    ['type = ?', type],
    ['id >= uuidv7_floor(?)', since && fromEpoch(since)],
    ['id < uuidv7_floor(?)', until && fromEpoch(until)],
    ['id < ?', before],
  ] as const;
  return many(sender, conditions, limit);
}

/** The time in an id has no sign. */
const fromEpoch = (time: Date): Date => (time.getTime() < 0 ? new Date(0) : time);
