import { z } from 'zod';
import { TYPE_NAME } from '../../../../services/eventTypes/name.ts';
import { instant, label, note, text, wrong } from '../../fields.ts';

export const EventTypeParams = z.strictObject({ name: label(100).describe('Name of a type: `invoice.paid`.') });

export const VersionQuery = z.strictObject({
  version: z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1_000, 'must be at most 1000')
    .optional()
    .describe('An earlier version; absent: the newest.'),
});

export const EventTypeIn = z
  .strictObject({
    name: text()
      .max(100, 'has at most 100 characters')
      .regex(TYPE_NAME, 'must be 2 to 6 parts of lower-case letters, digits and "_", joined by dots: invoice.paid')
      .describe('`invoice.paid`. Not a built-in type, and in none of the groups of the platform (such as `webhook.*`).'),
    description: note(1_000).nullable().default(null).describe('What happened when an event of the type is published.'),
    schema: z
      .record(z.string(), z.unknown(), wrong('must be a JSON Schema: an object'))
      .nullable()
      .default(null)
      .describe(
        'JSON Schema (draft 2020-12) that the `data` of events must satisfy, at most 65,536 bytes and 16 levels deep; references stay inside it. null: anything goes.',
      ),
  })
  .meta({ id: 'EventTypeIn' });

const summary = {
  name: z.string(),
  kind: z
    .enum(['business', 'operational', 'test', 'custom'])
    .describe(
      '`business` and `custom` are published by clients, `custom` being your own; `operational` by the platform; `test` by `POST …/{id}/test`.',
    ),
  description: z.string().nullable(),
  version: z.int().nullable().describe('The newest version; null for a built-in type.'),
  has_schema: z.boolean().describe('Whether publishing checks the data.'),
  created_at: instant().nullable().describe('When the version was made; null for a built-in type.'),
};

export const EventTypeSummary = z.object(summary).meta({ id: 'EventTypeSummary' });

export const EventTypeOut = z
  .object({
    ...summary,
    schema: z.record(z.string(), z.unknown()).nullable(),
    versions: z.array(z.object({ version: z.int(), created_at: instant() })).describe('Newest first; empty for a built-in type.'),
  })
  .meta({ id: 'EventTypeOut' });
