import { z } from 'zod';
import { AppError } from '../../../services/errors/AppError.ts';
import type { FieldError } from '../../../services/errors/AppError.ts';
import { fieldsOf, requestErrors } from '../issues.ts';
import { parseJson } from '../json.ts';
import { assertJson, hasBody, readBody } from '../readBody.ts';
import type { Mount } from '../mounts.ts';
import type { Ctx, Step } from '../state.ts';

const NOTHING = z.strictObject({});
const OPTIONS = { error: requestErrors };

/** Reads and checks path, query and body, and reports every fault of all three at once. Throws validation_failed and what the body's bytes deserve. */
export function parse({ route }: Mount): Step {
  const query = route.query ?? NOTHING;
  const { params, body } = route;
  const checkTarget = (ctx: Ctx, faults: FieldError[]): void => {
    const { state } = ctx;
    state.params = params ? check('path', params, state.pathParams, faults) : {};
    state.query = route.query || ctx.querystring !== '' ? check('query', query, { ...ctx.query }, faults) : {};
  };
  if (!body) {
    return (ctx, next) => {
      const faults: FieldError[] = [];
      checkTarget(ctx, faults);
      refuse(faults);
      return next(ctx);
    };
  }
  return async (ctx, next) => {
    const faults: FieldError[] = [];
    checkTarget(ctx, faults);
    ctx.state.body = check('body', body, await jsonBody(ctx), faults);
    refuse(faults);
    return next(ctx);
  };
}

async function jsonBody({ req, state }: Ctx): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  assertJson(req);
  state.rawBody = await readBody(req);
  return state.rawBody.length === 0 ? undefined : parseJson(state.rawBody);
}

function check(place: string, schema: z.ZodType, input: unknown, faults: FieldError[]): unknown {
  const parsed = schema.safeParse(input, OPTIONS);
  if (parsed.success) return parsed.data;
  faults.push(...fieldsOf(place, parsed.error.issues));
  return undefined;
}

function refuse(faults: FieldError[]): void {
  if (faults.length > 0) throw new AppError('validation_failed', { detail: summary(faults), fields: faults });
}

const summary = ([first, ...rest]: FieldError[]): string => {
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more: see errors)`;
  return `${first!.location} ${first!.message}${more}`;
};
