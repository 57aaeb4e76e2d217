import { z } from 'zod';
import { parseTypeId, typeId } from '../ids.ts';
import type { IdPrefix } from '../ids.ts';

const NOUNS: Record<IdPrefix, string> = {
  org: 'organization',
  wsp: 'workspace',
  usr: 'user',
  mem: 'membership',
  key: 'API key',
  evt: 'event',
  whk: 'webhook',
  dlv: 'delivery',
  att: 'attempt',
  aud: 'audit entry',
  req: 'request',
};

/** A public id in a path, query or body; its output is the database uuid. The prefix stays readable in the schema's metadata. */
export function idSchema(prefix: IdPrefix) {
  return z
    .string()
    .transform((text, ctx) => {
      const uuid = parseTypeId(prefix, text);
      if (uuid === null) {
        ctx.addIssue({ code: 'custom', message: `not the id of a ${NOUNS[prefix]}: expected ${prefix}_ and 26 characters`, input: text });
        return z.NEVER;
      }
      return uuid;
    })
    .meta({ 'x-id-prefix': prefix, examples: [typeId(prefix, '01980a4e-7c00-7000-8000-000000000001')] });
}

/** The common case `/…/{id}`. */
export const idParams = (prefix: IdPrefix) => z.strictObject({ id: idSchema(prefix) });

/** The schema of an answer that has no body (204). */
export const NoContent = z.undefined();
