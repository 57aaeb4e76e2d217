import { prepared } from '../prepared.ts';
import type { Sender } from '../prepared.ts';

/** SQL with one `?`, and its value; null leaves the condition out. */
export type Condition = readonly [sql: string, value: unknown];

/** Whose rows are read, and for whom. */
export interface SeenBy {
  orgId: string;
  /** Only rows of this workspace. */
  workspaceId: string | null;
}

export const seenBy = ({ orgId, workspaceId }: SeenBy): Condition[] => [
  ['org_id = ?', orgId],
  ['workspace_id = ?', workspaceId],
];

interface Reading {
  /** One name stands for one reading. */
  name: string;
  /** `SELECT … FROM … WHERE …`, with what always holds. */
  select: string;
  /** What follows the conditions; each `?` is one of the values that every call gives. */
  end?: string;
}

/**
 * A read that is made hundreds of times a second. Each set of conditions that is asked for, always in the same order, is a prepared statement,
 * and rows are plain objects, as the driver makes them. Objection and knex put query and models together anew with each call (ADR 0077):
 * that is the way for what is asked for less often, or changed afterwards.
 */
export function reading<Row extends object>({ name, select, end = '' }: Reading) {
  const texts = new Map<string, string>();
  return async (sender: Sender, conditions: readonly Condition[], ...values: unknown[]): Promise<Row[]> => {
    const asked = conditions.filter(([, value]) => value !== null);
    const statement = `${name} ${conditions.map(([, value]) => (value === null ? '-' : '+')).join('')}`;
    let text = texts.get(statement);
    if (text === undefined) {
      text = numbered([select, ...asked.map(([sql]) => sql)].join(' AND ') + end);
      texts.set(statement, text);
    }
    const { rows } = await prepared<Row>(sender, statement, text, [...asked.map(([, value]) => value), ...values]);
    return rows;
  };
}

function numbered(text: string): string {
  let parameter = 0;
  return text.replaceAll('?', () => `$${(parameter += 1)}`);
}

/** The column of a model's field: `org_id` of `orgId`. */
export const columnOf = (field: string): string => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The columns of a table as a model names them: `id, org_id AS "orgId"`. */
export function columnsOf(fields: readonly string[]): string {
  return fields.map((field) => (columnOf(field) === field ? field : `${columnOf(field)} AS "${field}"`)).join(', ');
}
