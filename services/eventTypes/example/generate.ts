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
/** An example longer than this shows nobody anything: of one thing, and of things within things. */
const MAX_REPEATED = 1_000;
const MAX_TOGETHER = 10_000;
const LEAST = new Set(['minItems', 'minLength', 'minProperties', 'minContains']);

/**
 * Data that satisfies the schema, the same for the same schema at every call: its own `examples` and `default` before what is generated.
 * What does not satisfy the schema is not an example, so every candidate is checked. `faults` are those of the last one.
 * Takes up to half a second of its thread, and much memory: for requests by way of ExampleMaker only.
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
  if (repetition(schema) > MAX_TOGETHER) return;
  const rooted = 'type' in schema ? schema : { ...schema, type: 'object' };
  for (const shape of SHAPES) {
    for (const seed of SEEDS) {
      const made = generated(rooted, { ...OPTIONS, ...shape, seed });
      yield readable(made);
      yield made;
    }
  }
}

/** Numbers with two decimals instead of thirteen: what a schema does not allow so is tried as it was made. */
function readable(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 100) / 100;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readable(part)]));
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

/** How often the schema asks for its innermost part: lists within lists multiply. References are not followed; the thread has its limits. */
function repetition(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let [own, inner] = [1, 1];
  for (const [key, part] of Object.entries(value)) {
    if (LEAST.has(key) && typeof part === 'number') own = Math.max(own, part);
    else if (key === 'pattern' && typeof part === 'string')
      own = Math.max(own, ...[...part.matchAll(/\{(\d+)/g)].map(([, n]) => Number(n)));
    else inner = Math.max(inner, repetition(part));
  }
  return own > MAX_REPEATED ? Infinity : own * inner;
}
