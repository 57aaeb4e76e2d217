import { Router } from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import { AppError } from '../../services/errors/AppError.ts';
import type { Deps } from '../deps.ts';
import { mountsOf } from './mounts.ts';
import type { Mount } from './mounts.ts';
import { notFound } from './notFound.ts';
import { PathTree } from './pathTree.ts';
import { compile } from './pipeline.ts';
import type { Method, Route } from './route.ts';
import type { Ctx, RequestState } from './state.ts';

type Context = RouterContext<RequestState>;

/** Hands a request to its operation. Throws not_found, method_not_allowed; at start, when two operations claim one method and path. */
export function dispatch(routes: readonly Route[], deps: Deps): Middleware<RequestState> {
  const places = new PathTree<Place>();
  for (const mount of mountsOf(routes)) register(places.at(mount.path, newPlace), mount, deps);
  return (ctx) => {
    const place = places.find(ctx.path);
    if (!place) throw notFound();
    return place.answer(ctx as Context, async () => answerOtherMethod(ctx as Context, place));
  };
}

/** All operations of one path. */
interface Place {
  router: Router<RequestState>;
  answer: ReturnType<Router<RequestState>['routes']>;
}

function newPlace(): Place {
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  return { router, answer: router.routes() };
}

function register({ router }: Place, mount: Mount, deps: Deps): void {
  const { path, route } = mount;
  if (router.stack.some((layer) => layer.methods.includes(route.method))) throw new Error(`${route.method} ${path} is declared twice`);
  const run = compile(mount, deps);
  const verb = route.method.toLowerCase() as Lowercase<Method>;
  router[verb](path.replaceAll(/\{(\w+)\}/g, ':$1'), (ctx) => {
    ctx.state.operationId = route.operationId;
    ctx.state.pathParams = readParams(ctx);
    return run(ctx as Ctx);
  });
}

/** Throws not_found for an escape that means nothing: the router hands on such a value undecoded. */
function readParams({ params, captures = [] }: Context): Record<string, string> {
  for (const value of captures) {
    try {
      if (value.includes('%')) decodeURIComponent(value);
    } catch {
      throw notFound();
    }
  }
  return params;
}

function answerOtherMethod(ctx: Context, { router }: Place): void {
  // The router puts HEAD before GET.
  const methods = router.stack.flatMap((layer) => layer.methods.toReversed());
  const allowed = [...methods, 'OPTIONS'].join(', ');
  ctx.set('Allow', allowed);
  if (ctx.method !== 'OPTIONS')
    throw new AppError('method_not_allowed', { detail: `${ctx.method} is not possible here. Possible: ${allowed}.` });
  ctx.status = 204;
}
