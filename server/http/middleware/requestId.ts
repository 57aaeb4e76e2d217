import { randomBytes } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Deps } from '../../deps.ts';
import { newId, typeId } from '../../ids.ts';
import { newState } from '../state.ts';
import type { RequestState } from '../state.ts';

const SANE_ID = /^[\w.:-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header; version ff and ids of zeros are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$/;

/**
 * Names the request: the caller's X-Request-Id when it is sane, else an id of ours. A valid traceparent puts its trace id into
 * the log lines, and is answered by traceresponse (W3C Trace Context Level 2) with the id of our part. While the process stops, the answer ends its connection.
 */
export const requestId =
  ({ stopping }: Pick<Deps, 'stopping'>): Middleware<RequestState> =>
  (ctx, next) => {
    const started = performance.now();
    const { 'x-request-id': given, traceparent } = ctx.req.headers;
    const id = typeof given === 'string' && SANE_ID.test(given) ? given : typeId('req', newId());
    const trace = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
    ctx.state = newState(id, trace?.[1] ?? null);
    ctx.set('X-Request-Id', id);
    if (trace) ctx.set('traceresponse', `00-${trace[1]}-${randomBytes(8).toString('hex')}-${trace[2]}`);
    return next().then(() => {
      ctx.set('X-Response-Time', `${(performance.now() - started).toFixed(1)}ms`);
      if (stopping.signal.aborted) ctx.set('Connection', 'close');
    });
  };
