import { z } from 'zod';
import { distinct, instant, label, moment, whole, wrong } from '../../fields.ts';
import { MISSING_IN_EXAMPLE, REPLAY_IN_EXAMPLE } from './replayExamples.ts';

const Status = z.enum(['dead', 'delivered', 'cancelled'], 'must be "dead", "delivered" or "cancelled"');

export const ReplayIn = z
  .strictObject({
    since: moment()
      .nullable()
      .default(null)
      .describe('Only deliveries made, with `missing` events published, at this time or later (RFC 3339). Needed with `missing`.'),
    until: moment().nullable().default(null).describe('Only those before this time (RFC 3339); at the latest now.'),
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
      .optional()
      .describe('Only deliveries in these states; `["dead"]` when absent. Not with `missing`.'),
    missing: z
      .boolean(wrong('must be true or false'))
      .default(false)
      .describe('Instead of deliveries: events that match the endpoint as it is now and have no delivery for it. Each gets one.'),
    per_second: whole(1, 1_000).default(50).describe('How many become due each second.'),
    dry_run: z.boolean(wrong('must be true or false')).default(false).describe('Only counts what matches; nothing is sent.'),
  })
  .superRefine((body, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (body.missing && body.since === null) refuse('since', 'is needed with "missing": since when events are looked for');
    if (body.missing && body.statuses !== undefined) refuse('statuses', 'must be absent with "missing": there are no deliveries yet');
    if (body.since !== null && body.until !== null && body.since >= body.until) refuse('until', 'must be later than since');
  })
  .meta({ id: 'ReplayIn', examples: [REPLAY_IN_EXAMPLE, MISSING_IN_EXAMPLE] });

const matching = z
  .int()
  .describe(
    'What matches, counted up to 100,000; with `missing` from the oldest on, for a second or until 32 MiB of payloads were looked at.',
  );

export const ReplayPreview = z
  .object({ matching, exact: z.boolean().describe('false: counting ended early, and there may be more.') })
  .meta({ id: 'ReplayPreview' });

export const Replay = z
  .object({
    id: z.string(),
    webhook_id: z.string(),
    status: z.enum(['running', 'paused', 'completed', 'cancelled']).describe('`completed`: all that matched is due, or was sent already.'),
    reason: z.string().nullable().describe('Why it was stopped without a request: `endpoint_disabled` or `endpoint_deleted`.'),
    since: instant().nullable(),
    until: instant(),
    event_types: z.array(z.string()).nullable(),
    statuses: z.array(z.string()).describe('Empty with `missing`.'),
    missing: z.boolean(),
    per_second: z.int(),
    matching,
    replayed: z.int().describe('Deliveries that became due so far.'),
    created_at: instant(),
    updated_at: instant(),
    finished_at: instant().nullable().describe('null while it runs or is paused.'),
  })
  .meta({ id: 'Replay' });
