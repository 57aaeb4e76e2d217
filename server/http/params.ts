import { z } from 'zod';
import { parseTypeId, typeId } from '../ids.ts';
import type { IdPrefix } from '../ids.ts';

const NOUNS: Record<IdPrefix, string> = {
  org: 'an organization',
  wsp: 'a workspace',
  usr: 'a user',
  mem: 'a membership',
  key: 'an API key',
  evt: 'an event',
  dek: 'a data key',
  ekr: 'a rotation of encryption keys',
  whk: 'a webhook',
  dlv: 'a delivery',
  att: 'an attempt',
  aud: 'an audit entry',
  req: 'a request',
  sec: 'a signing secret',
  rpl: 'a replay',
  ers: 'an erasure',
  ses: 'a session',
  rol: 'a role of the organization',
  eml: 'a mail',
  inv: 'an invitation',
  dom: 'a domain',
  rot: 'a rotation of an API key',
  wac: 'a passkey or security key',
};

/** A public id in a path, query or body; its output is the database uuid. The prefix stays readable in the schema's metadata. */
export function idSchema(prefix: IdPrefix) {
  return z
    .string()
    .transform((text, ctx) => {
      const uuid = parseTypeId(prefix, text);
      if (uuid === null) {
        ctx.addIssue({ code: 'custom', message: `is not the id of ${NOUNS[prefix]}: expected ${prefix}_ and 26 characters`, input: text });
        return z.NEVER;
      }
      return uuid;
    })
    .meta({ 'x-id-prefix': prefix, pattern: idPattern(prefix), examples: [typeId(prefix, '01980a4e-7c00-7000-8000-000000000001')] });
}

/** For the documentation: a TypeID is 128 bits in lower-case base32 of Crockford, so its first digit is at most 7. */
const idPattern = (prefix: IdPrefix): string => `^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`;

/** The common case `/…/{id}`. */
export const idParams = (prefix: IdPrefix) => z.strictObject({ id: idSchema(prefix) });

/** The schema of an answer that has no body (204). */
export const NoContent = z.undefined();
