import { z } from 'zod';
import { instant, text } from '../../fields.ts';

export const ErasePayloads = z
  .strictObject({
    subject: z.strictObject({
      path: text()
        .max(200, 'has at most 200 characters')
        .regex(/^data(\.[^.\p{Cc}]+)+$/u, 'must be a path into the data, such as "data.lead_id"')
        .describe('Where events name the subject: names, and numbers for places in a list, as in payload filters.'),
      value: z
        .union([text().min(1, 'must not be empty').max(500, 'has at most 500 characters'), z.number('must be a text or a number')])
        .describe('What stands there, exactly: letter case counts, and `"42"` is not `42`. A list matches when one of its entries does.'),
    }),
  })
  .meta({ id: 'ErasePayloads' });

export const PayloadErasure = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'completed']),
    path: z.string(),
    examined: z.int().describe('Events that were looked at so far.'),
    erased: z.int().describe('Payloads that were erased so far.'),
    created_at: instant(),
    finished_at: instant().nullable(),
  })
  .meta({ id: 'PayloadErasure' });
