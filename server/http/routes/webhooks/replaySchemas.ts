import { z } from 'zod';
import { distinct, instant, label, moment, whole, wrong } from '../../fields.ts';

const Status = z.enum(['dead', 'delivered', 'cancelled'], 'must be "dead", "delivered" or "cancelled"');

export const ReplayIn = z
  .strictObject({
    since: moment().nullable().default(null).describe('Only deliveries made at this time or later (RFC 3339).'),
    until: moment().nullable().default(null).describe('Only deliveries made before this time (RFC 3339); at the latest now.'),
    event_types: z
      .array(label(100), wrong('must be a list of event types'))
      .min(1, 'must name at least one event type')
      .max(100, 'has at most 100 entries')
      .refine(distinct, 'must not name an event type twice')
      .nullable()
      .default(null)
      .describe('Only events of these types, spelled out; null: every type.'),
    statuses: z
      .array(Status, wrong('must be a list of states'))
      .min(1, 'must name at least one state')
      .refine(distinct, 'must not name a state twice')
      .default(['dead'])
      .describe('Only deliveries in these states.'),
    per_second: whole(1, 1_000).default(50).describe('How many become due each second.'),
    dry_run: z.boolean(wrong('must be true or false')).default(false).describe('Only counts what matches; nothing is sent.'),
  })
  .meta({ id: 'ReplayIn' });

const matching = z.int().describe('Deliveries that match, counted up to 100,000.');

export const ReplayPreview = z.object({ matching }).meta({ id: 'ReplayPreview' });

export const Replay = z
  .object({
    id: z.string(),
    webhook_id: z.string(),
    status: z
      .enum(['running', 'paused', 'completed', 'cancelled'])
      .describe('`completed`: every delivery that matched is due again, or was sent again already.'),
    reason: z.string().nullable().describe('Why it was stopped without a request: `endpoint_disabled` or `endpoint_deleted`.'),
    since: instant().nullable(),
    until: instant(),
    event_types: z.array(z.string()).nullable(),
    statuses: z.array(z.string()),
    per_second: z.int(),
    matching,
    replayed: z.int().describe('Deliveries that became due so far.'),
    created_at: instant(),
    updated_at: instant(),
    finished_at: instant().nullable().describe('null while it runs or is paused.'),
  })
  .meta({ id: 'Replay' });
