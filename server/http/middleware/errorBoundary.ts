import type { Middleware } from 'koa';
import { asAppError } from '../../../services/errors/asAppError.ts';
import type { AppError } from '../../../services/errors/AppError.ts';
import type { Logger } from '../../logger.ts';
import { PROBLEM_MEDIA_TYPE, problemOf } from '../problem.ts';
import type { RequestState } from '../state.ts';

/** Answers whatever was thrown as a problem (RFC 9457), and logs what is our fault with its cause. */
export function errorBoundary(logger: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = asAppError(thrown);
      if (error.status >= 500) logFault(logger, error, ctx.state);
      const problem = problemOf(error, ctx.state.requestId);
      ctx.state.errorCode = error.code;
      ctx.status = problem.status;
      setHeaders(error, (name, value) => ctx.set(name, value));
      ctx.set('Content-Type', PROBLEM_MEDIA_TYPE);
      ctx.body = JSON.stringify(problem);
    }
  };
}

function setHeaders(error: AppError, set: (name: string, value: string) => void): void {
  set('Cache-Control', 'no-store');
  if (error.retryAfterSeconds !== undefined) set('Retry-After', String(error.retryAfterSeconds));
  if (error.status === 401) set('WWW-Authenticate', challenge(error));
  if (error.code === 'payload_too_large') set('Connection', 'close');
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-3: a request without credentials is told the scheme only. */
const challenge = ({ code }: AppError): string =>
  code === 'missing_credentials' ? 'Bearer realm="artisan"' : `Bearer realm="artisan", error="invalid_token", error_description="${code}"`;

/** What is our fault, with its cause. */
export function logFault(logger: Logger, error: AppError, { requestId, traceId, operationId }: RequestState): void {
  const { code, cause, internal } = error;
  const line = { request_id: requestId, trace_id: traceId ?? undefined, operation: operationId, code, internal, err: cause ?? error };
  if (code === 'internal_error') logger.error(line, 'request failed');
  else logger.warn(line, 'request refused');
}
