import { z } from 'zod';
import { instant, text, wrong } from '../../fields.ts';

const PLACE = 'must be a path into the data, such as "data.lead_id", or a list of its keys, such as ["data", "lead.id"]';
const TOO_LONG = 'has at most 200 characters';

const path = text(PLACE)
  .max(200, TOO_LONG)
  .regex(/^data(\.[^.\p{Cc}]+)+$/u, PLACE);

/** Keys that hold a dot, or nothing, can be named in no other way. */
const keys = z
  .array(
    text(PLACE)
      .max(200, TOO_LONG)
      .regex(/^\P{Cc}*$/u, PLACE),
    wrong(PLACE),
  )
  .min(2, PLACE)
  .max(20, 'has at most 20 keys')
  .refine(([first]) => first === 'data', PLACE);

export const ErasePayloads = z
  .strictObject({
    subject: z.strictObject({
      path: z
        .union([path, keys])
        .describe(
          'Where events name the subject: names, and numbers for places in a list, as in payload filters; `*` stands for any place of a list (`data.people.*.email`). A list of keys, the first `data`, reaches keys that hold a dot: `["data", "customer.email"]`.',
        ),
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
    path: z.union([z.string(), z.array(z.string())]),
    examined: z.int().describe('Events that were looked at so far.'),
    erased: z
      .int()
      .describe(
        'Payloads that were erased so far. 0 once `completed`: no event has the value at `path`, so look at both before you rely on it.',
      ),
    created_at: instant(),
    finished_at: instant().nullable(),
  })
  .meta({ id: 'PayloadErasure' });
