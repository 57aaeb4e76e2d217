import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, Options } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FieldError } from '../../errors/AppError.ts';
import { withinTime } from './timeLimit.ts';

export type JsonSchema = Record<string, unknown>;

/** The faults of `data`, each with its place below `location`; none when it satisfies the schema. Run it by `checkAll` only. */
export type Validator = (data: unknown, location: string) => FieldError[];

export interface Check {
  validate: Validator;
  data: unknown;
  /** Where `data` stands in the request: `body.data`. */
  location: string;
}

const OPTIONS: Options = {
  allErrors: true,
  // A misspelt keyword would be a rule that nobody checks.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // Inlined references make code of exponential size.
  inlineRefs: false,
  ownProperties: true,
  logger: false,
};

const COMPILE_MS = 1_000;
const VALIDATE_MS = 200;
const MAX_FAULTS = 20;
const MAX_MESSAGE = 300;

/** Throws the sentence that says why the schema cannot be used, as an Error. `trusted`: it was compiled before, when it was stored. */
export function compileSchema(schema: JsonSchema, { trusted }: { trusted: boolean }): Validator {
  // One for each schema: an instance keeps all that it ever compiled.
  const ajv = new Ajv2020({ ...OPTIONS, validateSchema: !trusted });
  addFormats.default(ajv);
  // Compiling the schema of schemas is our part, and slow in a young process: it is not counted against the limit of this one.
  if (!trusted) void ajv.validateSchema({});
  const compiled = withinTime(COMPILE_MS, () => ajv.compile(schema));
  if (compiled === undefined) throw new Error('takes too long to compile');
  const validate = compiled.value;
  return (data, location) => (validate(data) ? [] : (validate.errors ?? []).slice(0, MAX_FAULTS).map((error) => faultOf(error, location)));
}

/** The faults of each, in order. They share one time limit; what was not checked by then is at fault itself. */
export function checkAll(checks: readonly Check[]): FieldError[][] {
  const faults: FieldError[][] = [];
  if (checks.length > 0) {
    withinTime(VALIDATE_MS, () => {
      for (const { validate, data, location } of checks) faults.push(validate(data, location));
    });
  }
  const late = `takes too long to check against the schema: a request has ${VALIDATE_MS} ms`;
  return checks.map(({ location }, index) => faults[index] ?? [{ location, message: late }]);
}

function faultOf({ instancePath, params, message }: ErrorObject, location: string): FieldError {
  const { missingProperty, additionalProperty, unevaluatedProperty } = params as Record<string, string | undefined>;
  const steps = instancePath.split('/').slice(1).map(unescaped);
  const named = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  const place = [location, ...steps, ...(named === undefined ? [] : [named])].join('.');
  return { location: place.slice(0, MAX_MESSAGE), message: (message ?? 'does not satisfy the schema').slice(0, MAX_MESSAGE) };
}

/** RFC 6901. */
const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
