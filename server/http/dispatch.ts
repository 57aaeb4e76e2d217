import type { Middleware } from 'koa';
import { AppError } from '../../services/errors/AppError.ts';
import type { Deps } from '../deps.ts';
import { mountsOf } from './mounts.ts';
import { notFound } from './notFound.ts';
import { compile } from './pipeline.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import type { Match } from './router.ts';
import type { Next, RequestState } from './state.ts';

interface Operation {
  operationId: string;
  run: Next;
}

/** Hands a request to its operation. Throws not_found, method_not_allowed. */
export function dispatch(routes: readonly Route[], deps: Deps): Middleware<RequestState> {
  const router = new Router<Operation>();
  for (const mount of mountsOf(routes)) {
    router.add(mount.route.method, mount.path, { operationId: mount.route.operationId, run: compile(mount, deps) });
  }
  return (ctx) => {
    const match = router.match(ctx.path);
    if (!match) throw notFound();
    const entry = match.methods.get(ctx.method === 'HEAD' ? 'GET' : ctx.method);
    if (!entry) return answerOtherMethod(ctx, match);
    ctx.state.operationId = entry.value.operationId;
    entry.names.forEach((name, index) => {
      ctx.state.pathParams[name] = decode(match.values[index]!);
    });
    return entry.value.run(ctx);
  };
}

function answerOtherMethod(ctx: Parameters<Middleware<RequestState>>[0], { methods }: Match<Operation>): void {
  const allowed = [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  ctx.set('Allow', allowed);
  if (ctx.method !== 'OPTIONS')
    throw new AppError('method_not_allowed', { detail: `${ctx.method} is not possible here. Possible: ${allowed}.` });
  ctx.status = 204;
}

function decode(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    throw notFound();
  }
}
