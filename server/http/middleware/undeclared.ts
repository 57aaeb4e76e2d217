import type { Middleware } from 'koa';
import type { Deps } from '../../deps.ts';
import { errorsOf } from '../errorsOf.ts';
import type { Route } from '../route.ts';
import type { RequestState } from '../state.ts';

/** Every answer must be one that the documentation gives. One that is not is a warning in production, and fails a test as a 500. */
export function undeclared(routes: readonly Route[], { config, logger }: Deps): Middleware<RequestState> {
  const declared = new Map(routes.map((route) => [route.operationId, new Set<string>([...statusesOf(route), ...errorsOf(route)])]));
  return async (ctx, next) => {
    await next();
    const { operationId, errorCode, requestId } = ctx.state;
    if (operationId === null) return;
    const answers = declared.get(operationId);
    if (!answers || answers.has(errorCode ?? String(ctx.status))) return;
    const message = `${operationId} does not declare the answer ${ctx.status} ${errorCode ?? ''}`.trimEnd();
    logger.warn({ request_id: requestId, operation: operationId, status: ctx.status, code: errorCode }, message);
    if (config.NODE_ENV !== 'test') return;
    ctx.status = 500;
    ctx.body = message;
  };
}

const statusesOf = ({ responses }: Route): string[] => [...Object.keys(responses), '304'];
