import type { FieldError } from '../../errors/AppError.ts';

export type Scalar = string | number | boolean | null;

/** What one value must be; several of a field must hold for the same value. */
export type Test =
  | { op: 'in'; values: ReadonlySet<Scalar> }
  | { op: 'prefix'; text: string }
  | { op: 'gt' | 'gte' | 'lt' | 'lte'; bound: number };

/** A filter as it is matched. `path` begins below the event: `['data', 'score']`. */
export type Condition =
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'field'; path: string[]; exists: boolean | null; tests: Test[] };

export type ParsedFilter = { condition: Condition; faults: null } | { condition: null; faults: FieldError[] };

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 100;
const MAX_PATH = 200;
const MAX_TEXT = 1_000;
const MAX_VALUES = 100;
const OPERATORS = 'in, exists, prefix, gt, gte, lt, lte';

/** Faults found so far, and conditions seen. */
interface Reading {
  faults: FieldError[];
  conditions: number;
}

/** Reads a filter; `location` is where it stands (`body.filter`). Every fault is named, none is thrown. */
export function parseFilter(input: unknown, location: string): ParsedFilter {
  const reading: Reading = { faults: [], conditions: 0 };
  const condition = readFilter(input, location, 1, reading);
  if (reading.conditions > MAX_CONDITIONS) refuse(reading, location, `has at most ${MAX_CONDITIONS} conditions`);
  return reading.faults.length > 0 ? { condition: null, faults: reading.faults } : { condition, faults: null };
}

function readFilter(input: unknown, location: string, depth: number, reading: Reading): Condition {
  const of: Condition[] = [];
  if (depth > MAX_DEPTH) refuse(reading, location, `is nested more than ${MAX_DEPTH} levels deep`);
  else if (!isObject(input)) refuse(reading, location, 'must be an object of paths and conditions');
  else if (Object.keys(input).length === 0) refuse(reading, location, 'must hold at least one condition');
  else for (const [key, value] of Object.entries(input)) of.push(readEntry(key, value, `${location}.${key}`, depth, reading));
  return of.length === 1 ? of[0]! : { kind: 'all', of };
}

function readEntry(key: string, value: unknown, location: string, depth: number, reading: Reading): Condition {
  if (key === 'not') return { kind: 'not', of: readFilter(value, location, depth + 1, reading) };
  if (key === 'and' || key === 'or') return { kind: key === 'and' ? 'all' : 'any', of: readList(value, location, depth, reading) };
  return readField(key, value, location, reading);
}

function readList(value: unknown, location: string, depth: number, reading: Reading): Condition[] {
  if (!Array.isArray(value) || value.length === 0) {
    refuse(reading, location, 'must be a list of at least one filter');
    return [];
  }
  if (value.length > MAX_CONDITIONS) {
    refuse(reading, location, `has at most ${MAX_CONDITIONS} filters`);
    return [];
  }
  return value.map((entry, index) => readFilter(entry, `${location}.${index}`, depth + 1, reading));
}

function readField(path: string, value: unknown, location: string, reading: Reading): Condition {
  const field: Extract<Condition, { kind: 'field' }> = { kind: 'field', path: path.split('.'), exists: null, tests: [] };
  if (path.length > MAX_PATH)
    refuse(reading, location.slice(0, location.length - path.length + MAX_PATH), `has at most ${MAX_PATH} characters`);
  else if (!isPath(path)) refuse(reading, location, 'must be "and", "or", "not" or a path into the data, such as "data.score"');
  else if (!isObject(value)) {
    reading.conditions += 1;
    field.tests.push(...readValues([value], location, reading));
  } else readOperators(field, value, location, reading);
  return field;
}

const isPath = (path: string): boolean => /^data(\.[^.\p{Cc}]+)+$/u.test(path) && path.isWellFormed();

function readOperators(
  field: Extract<Condition, { kind: 'field' }>,
  operators: Record<string, unknown>,
  location: string,
  reading: Reading,
): void {
  const entries = Object.entries(operators);
  if (entries.length === 0) refuse(reading, location, `must name an operator: ${OPERATORS}`);
  reading.conditions += entries.length;
  for (const [operator, value] of entries) {
    const place = `${location}.${operator}`;
    if (operator !== 'exists') field.tests.push(...readTest(operator, value, place, reading));
    else if (typeof value === 'boolean') field.exists = value;
    else refuse(reading, place, 'must be true or false');
  }
}

function readTest(operator: string, value: unknown, location: string, reading: Reading): Test[] {
  switch (operator) {
    case 'in':
      if (Array.isArray(value) && value.length > 0 && value.length <= MAX_VALUES) return readValues(value, location, reading, true);
      return refuse(reading, location, `must be a list of 1 to ${MAX_VALUES} values`);
    case 'prefix':
      if (typeof value === 'string' && value !== '') return isText(value) ? [{ op: 'prefix', text: value }] : refuseText(reading, location);
      return refuse(reading, location, 'must be text that is not empty');
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      if (typeof value === 'number' && Number.isFinite(value)) return [{ op: operator, bound: value }];
      return refuse(reading, location, 'must be a number');
    default:
      return refuse(reading, location, `is no operator; use one of: ${OPERATORS}`);
  }
}

/** Equality is membership in a list of one. */
function readValues(values: unknown[], location: string, reading: Reading, listed = false): Test[] {
  values.forEach((value, index) => {
    const place = listed ? `${location}.${index}` : location;
    if (!isScalar(value)) refuse(reading, place, 'must be text, a number, true, false or null');
    else if (typeof value === 'string' && !isText(value)) refuseText(reading, place);
  });
  return [{ op: 'in', values: new Set(values as Scalar[]) }];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

/** What jsonb can hold. */
const isText = (text: string): boolean => text.length <= MAX_TEXT && text.isWellFormed() && !text.includes('\0');

const refuseText = (reading: Reading, location: string): [] =>
  refuse(reading, location, `must be well-formed text of at most ${MAX_TEXT.toLocaleString('en')} characters without U+0000`);

function refuse(reading: Reading, location: string, message: string): [] {
  if (reading.faults.length < MAX_FAULTS) reading.faults.push({ location, message });
  return [];
}

/** A filter with a thousand faults must not be answered with a thousand sentences. */
const MAX_FAULTS = 50;
