import type { z } from 'zod';
import type { FieldError } from '../../services/errors/AppError.ts';

type Issue = z.core.$ZodIssue;

/** More would not be read, and a body of 10,000 wrong items must not be answered with 10,000 sentences. */
const MAX_FIELDS = 50;

/** Error map for every parse: says "is required" or "must be a string" instead of "expected string, received undefined". */
export const requestErrors: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  return `${issue.input === undefined ? 'is required: expected' : 'must be'} ${describe(issue.expected)}`;
};

/** zod's issues as fields of the problem. `place` is `body`, `query` or `path`. */
export function fieldsOf(place: string, issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => fieldOf(place, issue)).slice(0, MAX_FIELDS);
}

function fieldOf(place: string, issue: Issue): FieldError[] {
  const location = [place, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ location: `${location}.${key}`, message: 'is not known here; remove it or correct its name' }));
  }
  if (issue.code === 'invalid_union') return closest(location, issue.errors, issue.message);
  return [{ location, message: issue.message }];
}

/** Of the alternatives, the one that the input came nearest to. */
function closest(location: string, alternatives: readonly (readonly Issue[])[], message: string): FieldError[] {
  const [best] = alternatives.toSorted((a, b) => a.length - b.length);
  return best === undefined || best.length === 0 ? [{ location, message }] : fieldsOf(location, best);
}

const describe = (expected: string): string => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
