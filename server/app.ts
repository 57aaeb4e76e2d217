import cors from '@koa/cors';
import Koa from 'koa';
import compress from 'koa-compress';
import type { Deps } from './deps.ts';
import { api } from './http/api.ts';
import { dispatch } from './http/dispatch.ts';
import { accessLog } from './http/middleware/accessLog.ts';
import { countUsage } from './http/middleware/countUsage.ts';
import { errorBoundary } from './http/middleware/errorBoundary.ts';
import { originForm } from './http/middleware/originForm.ts';
import { requestId } from './http/middleware/requestId.ts';
import { securityHeaders } from './http/middleware/securityHeaders.ts';
import { undeclared } from './http/middleware/undeclared.ts';
import { accountPages } from './http/pages/account/accountPages.ts';
import { pages } from './http/pages/pages.ts';
import type { Route } from './http/route.ts';
import type { RequestState } from './http/state.ts';

/** Below this many bytes gzip costs more than it saves. */
const GZIP_FROM_BYTES = 1_024;
const EXPOSED_HEADERS =
  'X-Request-Id X-Response-Time RateLimit RateLimit-Policy Retry-After ETag Idempotency-Replayed Deprecation Sunset Link'.split(' ');

/** The HTTP application; never listens. `routes` differ from the whole API only in tests of the core. */
export function createApp(deps: Deps, routes: readonly Route[] = api): Koa<RequestState> {
  const { config, logger, metrics } = deps;
  const app = new Koa<RequestState>({ proxy: config.TRUST_PROXY, maxIpsCount: 1 });
  app.on('error', (error: unknown) => logger.warn({ err: error }, 'an answer could not be sent'));
  app.use(originForm);
  app.use(requestId(deps));
  app.use(accessLog(logger, metrics));
  app.use(countUsage(deps));
  app.use(securityHeaders);
  if (config.CORS_ORIGINS !== '') app.use(allowOrigins(config.CORS_ORIGINS));
  app.use(gzipLarge());
  app.use(undeclared(routes, deps));
  app.use(errorBoundary(logger));
  app.use(pages(deps, routes));
  if (config.APP_URL === undefined) app.use(accountPages(deps));
  app.use(dispatch(routes, deps));
  return app;
}

/** koa-compress, but only asked when there is enough to compress: most answers are a few hundred bytes. */
function gzipLarge(): Koa.Middleware {
  const gzip = compress({ threshold: GZIP_FROM_BYTES, br: false, deflate: false, zstd: false } as compress.CompressOptions);
  return async (ctx, next) => {
    await next();
    if ((ctx.length ?? Infinity) < GZIP_FROM_BYTES) return;
    ctx.vary('Accept-Encoding');
    // Who accepts nothing, not even identity, gets the plain answer (RFC 9110 section 12.5.3); koa-compress would fail.
    if (ctx.acceptsEncodings('gzip', 'identity') === 'gzip') await gzip(ctx, async () => {});
  };
}

function allowOrigins(list: string): Koa.Middleware {
  const allowed = new Set(list.split(',').map((origin) => origin.trim()));
  const origin = (ctx: Koa.Context): string => (allowed.has(ctx.get('Origin')) ? ctx.get('Origin') : '');
  return cors({ origin, exposeHeaders: EXPOSED_HEADERS, maxAge: 600 });
}
