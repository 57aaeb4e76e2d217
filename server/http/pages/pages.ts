import type { Context, Middleware } from 'koa';
import type { Deps } from '../../deps.ts';
import { setPageHeaders } from '../middleware/securityHeaders.ts';
import type { Route } from '../route.ts';
import type { RequestState } from '../state.ts';
import { ASSETS } from './assets.ts';
import type { Asset } from './assets.ts';
import { showMetrics } from './metrics.ts';

/** What people and tools look at, outside of the API: /docs, /redoc, /openapi.json, /metrics. */
export function pages(deps: Deps, routes: readonly Route[]): Middleware<RequestState> {
  let document: string | null = null;
  // Neither its code nor its text is needed to serve: a process that was killed is back sooner without.
  const describe = async (): Promise<string> => {
    const { openApiDocument } = await import('../openapi/document.ts');
    return JSON.stringify(openApiDocument(routes, deps.config.PUBLIC_URL));
  };
  const show = async (ctx: Context, asset: Asset | undefined): Promise<void> => {
    ctx.state.operationId = 'pages';
    if (ctx.path === '/metrics') return showMetrics(ctx, deps);
    setPageHeaders(ctx);
    ctx.set('Content-Type', asset?.type ?? 'application/json; charset=utf-8');
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = asset ? await asset.open() : (document ??= await describe());
  };
  return (ctx, next) => {
    const { path, method } = ctx;
    const asset = ASSETS[path];
    const special = path === '/openapi.json' || path === '/metrics';
    return (asset || special) && (method === 'GET' || method === 'HEAD') ? show(ctx, asset) : next();
  };
}
