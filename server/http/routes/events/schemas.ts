import { z } from 'zod';
import { channelsField, instant, label, moment, wrong } from '../../fields.ts';
import { ProblemSchema } from '../../openapi/problemSchema.ts';
import { idSchema } from '../../params.ts';

export const EventIn = z
  .strictObject({
    type: label(100).describe('One of the types that clients publish, such as `lead.created`, or a type of your own.'),
    data: z
      .record(z.string(), z.unknown(), wrong('must be an object'))
      .describe(
        'What happened, as receivers get it; it must satisfy the schema of the type, if there is one. At most 262,144 bytes as JSON; receivers are happiest below 20 kB.',
      ),
    occurred_at: moment()
      .optional()
      .describe('When it happened: at most 5 minutes ahead and 366 days back. Absent: now. Receivers get it as `timestamp`.'),
    workspace_id: idSchema('wsp')
      .nullable()
      .default(null)
      .describe('Where it happened. null: in the workspace the credential is bound to, if it is.'),
    channels: channelsField().default([]).describe('Endpoints that listen to channels get the event only when they share one.'),
  })
  .meta({ id: 'EventIn' });

/** Each entry is read by itself, as an EventIn, so that one that is wrong does not refuse the others. */
export const EventBatch = z
  .strictObject({
    events: z
      .array(z.unknown().meta({ $ref: '#/components/schemas/EventIn' }), wrong('must be a list of events'))
      .min(1, 'must hold at least one event')
      .max(1_000, 'has at most 1,000 events'),
  })
  .meta({ id: 'EventBatch' });

export const BatchQuery = z.strictObject({
  atomic: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .transform((atomic) => atomic === 'true')
    .describe('true: all events are accepted, or none and the answer names every fault.'),
});

export const EventPublished = z
  .object({
    id: z.string().describe('Sent to receivers as `webhook-id`.'),
    type: z.string(),
    occurred_at: instant(),
    deliveries: z.int().describe('How many endpoints get it.'),
  })
  .meta({ id: 'EventPublished' });

export const EventBatchResult = z
  .object({
    data: z
      .array(z.union([z.object({ id: z.string() }), z.object({ error: ProblemSchema })]))
      .describe('One entry for each event of the request, in its order: its id, or the problem with it.'),
  })
  .meta({ id: 'EventBatchResult' });

const summary = {
  id: z.string(),
  type: z.string(),
  occurred_at: instant().describe('When it happened, as its publisher said.'),
  workspace_id: z.string().nullable(),
  channels: z.array(z.string()),
  deliveries: z.int().describe('How many endpoints got it.'),
  created_at: instant().describe('When it was accepted.'),
  payload_erased_at: instant().nullable().describe('When its data was erased; null: it was not.'),
};

export const EventSummary = z.object(summary).meta({ id: 'EventSummary' });

export const EventOut = z
  .object({ ...summary, data: z.record(z.string(), z.unknown()).nullable().describe('null: erased.') })
  .meta({ id: 'EventOut' });

export const EventFilters = {
  type: label(100).optional().describe('Only events of this type.'),
  since: moment().optional().describe('Only events accepted at this time or later (RFC 3339).'),
  until: moment().optional().describe('Only events accepted before this time (RFC 3339).'),
};
