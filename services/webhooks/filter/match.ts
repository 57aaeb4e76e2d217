import { parseFilter } from './parse.ts';
import type { Condition, Scalar, Test } from './parse.ts';

/** Says whether an event with this data passes. */
export type DataFilter = (data: object) => boolean;

/**
 * A stored filter, ready to be asked many times; null passes everything. It is read with the first question.
 * One that cannot be read passes everything as well: an event too many is seen, one too few is not.
 */
export function compileFilter(stored: unknown): DataFilter {
  if (stored === null) return () => true;
  let condition: Condition | null | undefined;
  return (data) => {
    if (condition === undefined) ({ condition } = parseFilter(stored, 'filter'));
    return condition === null || matchesCondition(condition, { data });
  };
}

/** Whether the event (`{ data }`) satisfies the condition. Looks at own properties only; never throws. */
export function matchesCondition(condition: Condition, event: { data: unknown }): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => matchesCondition(part, event));
    case 'any':
      return condition.of.some((part) => matchesCondition(part, event));
    case 'not':
      return !matchesCondition(condition.of, event);
    case 'field':
      return matchesField(condition, valueAt(event, condition.path));
  }
}

/** A list passes when one of its entries passes every test. */
function matchesField({ exists, tests }: Extract<Condition, { kind: 'field' }>, value: unknown): boolean {
  if (exists !== null && exists !== (value !== undefined)) return false;
  if (tests.length === 0) return true;
  const passes = (candidate: unknown): boolean => tests.every((test) => holds(test, candidate));
  return Array.isArray(value) ? value.some(passes) : passes(value);
}

function holds(test: Test, value: unknown): boolean {
  switch (test.op) {
    case 'in':
      return test.values.has(value as Scalar);
    case 'prefix':
      return typeof value === 'string' && value.startsWith(test.text);
    case 'gt':
      return typeof value === 'number' && value > test.bound;
    case 'gte':
      return typeof value === 'number' && value >= test.bound;
    case 'lt':
      return typeof value === 'number' && value < test.bound;
    case 'lte':
      return typeof value === 'number' && value <= test.bound;
  }
}

const INDEX = /^(0|[1-9]\d*)$/;

function valueAt(event: object, path: string[]): unknown {
  let value: unknown = event;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && !INDEX.test(step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
