import { z } from 'zod';
import { instant, wrong } from '../../fields.ts';

const day = () => z.iso.date(wrong('must be a day: 2026-11-02'));

export const usageQuery = z.strictObject({
  since: day().optional().describe('First day (UTC). Default: 29 days before `until`.'),
  until: day().optional().describe('Last day (UTC), at most 91 days after `since`. Default: today.'),
  scope: z
    .enum(['key', 'family'], 'must be "key" or "family"')
    .default('key')
    .describe('`family`: the key and those that it succeeded or that succeed it, together.'),
});

const counts = {
  requests: z.int(),
  succeeded: z.int().describe('Answered 1xx to 3xx.'),
  client_errors: z.int().describe('Answered 4xx, and refused because the key was revoked, expired, over its limit or used from elsewhere.'),
  server_errors: z.int(),
};

export const ApiKeyUsage = z
  .object({
    api_key_id: z.string(),
    scope: z.enum(['key', 'family']),
    since: z.iso.date(),
    until: z.iso.date(),
    first_used_at: instant().nullable().describe('Of this key, as the next two: when it was first let in.'),
    last_used_at: instant().nullable(),
    last_used_ip: z.string().nullable(),
    total: z.object(counts),
    data: z
      .array(z.object({ day: z.iso.date(), operation: z.string().describe('Operation id, as in the API description.'), ...counts }))
      .describe('Newest day first, then the operation with the most requests.'),
  })
  .meta({ id: 'ApiKeyUsage' });
