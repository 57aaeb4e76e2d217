import { generateSync } from 'json-schema-faker';
import type { FieldError } from '../../errors/AppError.ts';
import { MAX_DATA_BYTES } from '../../events/accept.ts';
import { compileSchema } from '../schema/compile.ts';
import type { JsonSchema, Validator } from '../schema/compile.ts';
import { withinTime } from '../schema/timeLimit.ts';
import { EXAMPLE_FORMATS } from './formats.ts';

/** Data that satisfies the schema, or what was wrong with the best try. */
export type Example = { data: object } | { faults: FieldError[] };

const GENERATE_MS = 500;
const SEEDS = [1, 2, 3, 4];
/** Every property first; only what is required when that contradicts itself (`oneOf`, `not`, a pattern that cannot be followed). */
const SHAPES = [
  { alwaysFakeOptionals: true, maxDepth: 12 },
  { optionalsProbability: 0, maxDepth: 24 },
];
const OPTIONS = { useExamplesValue: true, useDefaultValue: true, maxDefaultItems: 2, refDepthMax: 4, formats: EXAMPLE_FORMATS };
/** An example longer than this shows nobody anything, and making it could take the process's memory. */
const MAX_REPEATED = 1_000;
const LEAST = new Set(['minItems', 'minLength', 'minProperties', 'minContains']);

/**
 * Data that satisfies the schema, the same for the same schema at every call: its own `examples` and `default` before what is generated.
 * What does not satisfy the schema is not an example, so every candidate is checked. `faults` are those of the last one.
 */
export function generateExample(schema: JsonSchema): Example {
  const validate = compileSchema(schema, { trusted: true });
  let faults: FieldError[] = [{ location: 'data', message: 'the schema asks for more than an example can show' }];
  const ended = withinTime(GENERATE_MS, () => {
    for (const candidate of candidates(schema)) {
      faults = faultsOf(candidate, validate);
      if (faults.length === 0) return candidate as object;
    }
    return undefined;
  });
  if (ended === undefined) return { faults: [{ location: 'data', message: `making one takes longer than ${GENERATE_MS} ms` }] };
  return ended.value === undefined ? { faults } : { data: ended.value };
}

function* candidates(schema: JsonSchema): Generator<unknown> {
  if (Array.isArray(schema['examples'])) yield* schema['examples'];
  if ('default' in schema) yield schema['default'];
  if (asksForTooMuch(schema)) return;
  const rooted = 'type' in schema ? schema : { ...schema, type: 'object' };
  for (const shape of SHAPES) for (const seed of SEEDS) yield generated(rooted, { ...OPTIONS, ...shape, seed });
}

/** undefined: the library found no way. */
function generated(schema: JsonSchema, options: Parameters<typeof generateSync>[1]): unknown {
  try {
    return generateSync(structuredClone(schema), options);
  } catch {
    return undefined;
  }
}

function faultsOf(candidate: unknown, validate: Validator): FieldError[] {
  const fault = (message: string): FieldError[] => [{ location: 'data', message }];
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return fault('no object could be made');
  if (Buffer.byteLength(JSON.stringify(candidate)) > MAX_DATA_BYTES) return fault(`has more than ${MAX_DATA_BYTES} bytes`);
  return validate(candidate, 'data');
}

function asksForTooMuch(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => {
    if (LEAST.has(key) && typeof inner === 'number') return inner > MAX_REPEATED;
    if (key === 'pattern' && typeof inner === 'string') return [...inner.matchAll(/\{(\d+)/g)].some(([, n]) => Number(n) > MAX_REPEATED);
    return asksForTooMuch(inner);
  });
}
