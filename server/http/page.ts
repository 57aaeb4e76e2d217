import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../services/errors/AppError.ts';
import type { Actor } from '../../services/context.ts';
import type { DerivedKeys } from '../../services/crypto/derivedKeys.ts';

const MAC_BYTES = 12;

/** The query of a list: `limit`, `cursor` and the list's own filters. */
export const pageQuery = <Filters extends z.ZodRawShape>(filters: Filters) =>
  z.strictObject({
    limit: z.coerce
      .number('must be a whole number')
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(200, 'must be at most 200')
      .default(50)
      .describe('Entries on a page.'),
    cursor: z
      .string()
      .max(1_000, 'is no cursor: it has more than 1,000 characters')
      .optional()
      .describe('`next_cursor` of the previous page, unchanged; the filters must be the same.'),
    ...filters,
  });

/** The answer of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Pass it as `cursor` for the next page; null on the last one.'),
    has_more: z.boolean(),
  });

export interface Page {
  /** How many rows to read: one more than is shown tells whether there is a next page. */
  fetch: number;
  /** Position of the last row of the previous page, as `positionOf` gave it; null on the first page. */
  after: string | null;
  present<Row, Item>(
    rows: Row[],
    positionOf: (row: Row) => string,
    presentOne: (row: Row) => Item,
  ): { data: Item[]; next_cursor: string | null; has_more: boolean };
}

interface ListContext {
  /** `orgId`: whose list it is; of a list of a person, the person's id. */
  actor: Pick<Actor, 'orgId'>;
  /** What the path names: the entries of another parent are another list. */
  params: unknown;
  query: { limit: number; cursor?: string | undefined };
  deps: { derivedKeys: DerivedKeys };
}

/**
 * The page that a request asks for. A cursor is opaque, and bound by a MAC to the list, the organization, the path's parameters and the filters.
 * Throws invalid_cursor.
 */
export function readPage(operationId: string, { actor, params, query, deps }: ListContext): Page {
  const { limit, cursor, ...filters } = query;
  const scope = JSON.stringify([operationId, actor.orgId, params, filters]);
  const key = deps.derivedKeys.of('page_cursor');
  return {
    fetch: limit + 1,
    after: cursor === undefined ? null : openCursor(key, scope, cursor),
    present(rows, positionOf, presentOne) {
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      const next = last === undefined ? null : sealCursor(key, scope, positionOf(last));
      return { data: shown.map(presentOne), next_cursor: next, has_more: next !== null };
    },
  };
}

const macOf = (key: KeyObject, scope: string, position: Buffer): Buffer =>
  createHmac('sha256', key).update(scope).update('\n').update(position).digest().subarray(0, MAC_BYTES);

function sealCursor(key: KeyObject, scope: string, position: string): string {
  const bytes = Buffer.from(position, 'utf8');
  return Buffer.concat([macOf(key, scope, bytes), bytes]).toString('base64url');
}

function openCursor(key: KeyObject, scope: string, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(MAC_BYTES);
  const genuine = position.length > 0 && timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(key, scope, position));
  if (genuine && bytes.toString('base64url') === cursor) return position.toString('utf8');
  throw new AppError('invalid_cursor', {
    detail: 'Pass next_cursor of the previous page unchanged, with the same filters; leave it out for the first page.',
    fields: [{ location: 'query.cursor', message: 'not a cursor of this list with these filters' }],
  });
}
