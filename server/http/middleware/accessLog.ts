import type { Context, Middleware } from 'koa';
import type { Logger } from '../../logger.ts';
import type { Metrics } from '../../metrics.ts';
import { typeId } from '../../ids.ts';
import type { RequestState } from '../state.ts';

const STATUS_CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

/**
 * One line and one measurement for each request. The line has no query and no body; at LOG_LEVEL=warn only 5xx are logged.
 * Probes and scrapes that went well are lines of level debug: they come every few seconds and say nothing.
 */
export function accessLog(logger: Logger, metrics: Metrics): Middleware<RequestState> {
  const logsAll = logger.isLevelEnabled('info');
  return async (ctx, next) => {
    const started = performance.now();
    metrics.httpInFlight.inc();
    try {
      await next();
    } finally {
      metrics.httpInFlight.dec();
      const ms = performance.now() - started;
      const operation = ctx.state.operationId ?? 'none';
      metrics.httpDuration.observe({ operation, status: STATUS_CLASSES[Math.floor(ctx.status / 100)]! }, ms / 1_000);
      if (ctx.status >= 500) logger.error(lineOf(ctx, ms), 'request');
      else if (isProbe(operation)) logger.debug(lineOf(ctx, ms), 'request');
      else if (logsAll) logger.info(lineOf(ctx, ms), 'request');
    }
  };
}

const isProbe = (operation: string): boolean => operation.startsWith('health.');

function lineOf({ method, path, status, state, ip }: Context & { state: RequestState }, ms: number) {
  return {
    request_id: state.requestId,
    ...(state.traceId && { trace_id: state.traceId }),
    operation: state.operationId,
    method,
    path,
    status,
    ms: Math.round(ms * 10) / 10,
    ip,
    ...(state.actor && { org_id: typeId('org', state.actor.orgId) }),
    ...(state.key && { api_key_id: typeId('key', state.key.id) }),
    ...(state.session && { user_id: typeId('usr', state.session.userId), session_id: typeId('ses', state.session.id) }),
  };
}
