import { Router } from '@koa/router';
import type { Layer, RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import { AppError } from '../../services/errors/AppError.ts';
import type { Deps } from '../deps.ts';
import { fixedFirst, mountsOf, placeOf, segmentCount, shapeOf } from './mounts.ts';
import type { Mount } from './mounts.ts';
import { notFound } from './notFound.ts';
import { compile } from './pipeline.ts';
import type { Method, Route } from './route.ts';
import type { Ctx, RequestState } from './state.ts';

type Context = RouterContext<RequestState>;

/** Hands a request to its operation. Throws not_found, method_not_allowed; at start, when two operations claim one method and path. */
export function dispatch(routes: readonly Route[], deps: Deps): Middleware<RequestState> {
  const routers = new Map<string | number, Router<RequestState>>();
  for (const mount of mountsOf(routes).toSorted(fixedFirst)) {
    const place = placeOf(mount.path);
    // Paths are matched exactly: case counts, and a trailing slash is another path.
    const router = routers.get(place) ?? new Router<RequestState>({ sensitive: true, strict: true });
    routers.set(place, router);
    register(router, mount, deps);
  }
  const answers = new Map([...routers].map(([place, router]) => [place, router.routes()]));
  return (ctx) => {
    const answer = answers.get(ctx.path) ?? answers.get(segmentCount(ctx.path));
    if (!answer) throw notFound();
    return answer(ctx as Context, async () => answerOtherMethod(ctx as Context));
  };
}

function register(router: Router<RequestState>, mount: Mount, deps: Deps): void {
  const { path, route } = mount;
  const shape = shapeOf(path);
  if (router.stack.some((layer) => layer.name === shape && layer.methods.includes(route.method)))
    throw new Error(`${route.method} ${path} is declared twice`);
  const run = compile(mount, deps);
  const verb = route.method.toLowerCase() as Lowercase<Method>;
  router[verb](shape, path.replaceAll(/\{(\w+)\}/g, ':$1'), (ctx, next) => {
    // The router would go on to a parameter that has the method; a path is the one with the most fixed segments, whatever the method.
    if (!isFirst(ctx.matched, shape)) return next();
    ctx.state.operationId = route.operationId;
    ctx.state.pathParams = readParams(ctx);
    return run(ctx as Ctx);
  });
}

const isFirst = (matched: Layer<RequestState>[] | undefined, shape: string): boolean => matched?.[0]?.name === shape;

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

function answerOtherMethod(ctx: Context): void {
  const matched = ctx.matched ?? [];
  const [first] = matched;
  if (!first) throw notFound();
  // The router puts HEAD before GET.
  const methods = matched.filter(({ name }) => name === first.name).flatMap((layer) => layer.methods.toReversed());
  const allowed = [...methods, 'OPTIONS'].join(', ');
  ctx.set('Allow', allowed);
  if (ctx.method !== 'OPTIONS')
    throw new AppError('method_not_allowed', { detail: `${ctx.method} is not possible here. Possible: ${allowed}.` });
  ctx.status = 204;
}
