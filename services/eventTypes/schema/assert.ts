import { AppError } from '../../errors/AppError.ts';
import { compileSchema } from './compile.ts';
import type { JsonSchema } from './compile.ts';

const MAX_BYTES = 65_536;
const MAX_DEPTH = 16;
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);
/** They give a schema another meaning than the dialect's, or other places to look. */
const REFUSED = new Set(['$async', '$id', '$vocabulary']);
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Checks that events can be validated against the schema. Throws validation_failed naming the place (`body.schema.…`).
 */
export function assertSchema(schema: JsonSchema): void {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > MAX_BYTES) throw refusal('body.schema', `has ${bytes} bytes as JSON; at most ${MAX_BYTES} are accepted`);
  if ('$schema' in schema && schema['$schema'] !== DIALECT) throw refusal('body.schema.$schema', `must be "${DIALECT}"`);
  assertLocal(schema, 'body.schema', 1);
  try {
    compileSchema(schema, { trusted: false });
  } catch (error) {
    throw refusal('body.schema', `cannot be used: ${error instanceof Error ? error.message.slice(0, 300) : 'it is no JSON Schema'}`);
  }
}

/** Nothing is fetched: every reference points into the schema itself. */
function assertLocal(value: unknown, location: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw refusal(location, `is nested more than ${MAX_DEPTH} levels deep`);
  for (const [key, inner] of Object.entries(value)) {
    const place = `${location}.${key}`.slice(0, 300);
    if (REFUSED.has(key) && typeof inner !== 'object') throw refusal(place, 'is not supported');
    if (REFERENCES.has(key) && typeof inner === 'string' && !inner.startsWith('#')) {
      throw refusal(place, 'must point into this schema: "#/$defs/…"');
    }
    assertLocal(inner, place, depth + 1);
  }
}

const refusal = (location: string, message: string): AppError =>
  new AppError('validation_failed', { detail: 'The schema is not accepted.', fields: [{ location, message }] });
