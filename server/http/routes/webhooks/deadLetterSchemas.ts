import { z } from 'zod';
import { label, moment, whole } from '../../fields.ts';
import { idSchema } from '../../params.ts';

/** Which dead letters: all of them when nothing is given. */
export const deadLetterFilters = {
  webhook_id: idSchema('whk').optional().describe('Only those of this endpoint.'),
  event_type: label(100).optional().describe('Only those of events of this type.'),
  since: moment().optional().describe('Only deliveries made at this time or later (RFC 3339).'),
  until: moment().optional().describe('Only deliveries made before this time (RFC 3339).'),
};

const AT_ONCE = 1_000;
const LIMIT = 'At most so many are changed, the oldest first. Repeat the request while `remaining` is not 0.';
const remaining = z.int().describe('How many a repeat of the request would find, counted up to 10,000.');

export const DeadLetterRequeue = z
  .strictObject({ ...deadLetterFilters, limit: whole(1, AT_ONCE).default(AT_ONCE).describe(LIMIT) })
  .meta({ id: 'DeadLetterRequeue' });

export const DeadLettersRequeued = z
  .object({ requeued: z.int().describe('Deliveries that are due again.'), remaining })
  .meta({ id: 'DeadLettersRequeued' });

export const DeadLetterPurge = z.strictObject({
  ...deadLetterFilters,
  limit: z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(AT_ONCE, 'must be at most 1,000')
    .default(AT_ONCE)
    .describe(LIMIT),
});

export const DeadLettersPurged = z
  .object({ purged: z.int().describe('Dead letters that are `cancelled` now.'), remaining })
  .meta({ id: 'DeadLettersPurged' });
