import { runAsPerson } from '../../../services/auth/runAsPerson.ts';
import type { TenantContext } from '../../../services/context.ts';
import { completeClaims } from '../../../services/idempotency/claims.ts';
import { runInTenant } from '../../../services/runInTenant.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { HandlerContext, LooseAnswer, Route } from '../route.ts';
import type { Ctx, Step } from '../state.ts';
import { originOf } from './origin.ts';

/** Calls the route's handler with what the steps before it found out, unless there is an answer already. */
export function handle({ route }: Mount, deps: Deps): Step {
  return async (ctx, next) => {
    ctx.state.answer ??= await route.handler(handlerContext(route, deps, ctx));
    return next(ctx);
  };
}

function handlerContext(route: Route, deps: Deps, ctx: Ctx): HandlerContext<unknown, unknown, unknown, boolean, boolean> {
  const { state, req } = ctx;
  const origin = originOf(ctx);
  return {
    params: state.params,
    query: state.query,
    body: state.body,
    actor: state.actor,
    session: state.session,
    origin,
    requestId: state.requestId,
    headers: req.headers,
    deps,
    idempotency: state.claim,
    inTenant: (work) => {
      if (!state.actor) throw new Error(`${route.operationId} has no organization here`);
      return runInTenant(deps, state.actor, (tenant) => workAndKeepAnswer({ state, tenant, deps }, work));
    },
    inUser: (work) => {
      if (!state.session) throw new Error(`${route.operationId} has no person here`);
      return runAsPerson(deps, { userId: state.session.userId, origin }, (person) => work(person.trx, person));
    },
  };
}

/** The answer is stored for the Idempotency-Key with the work itself: a crash leaves both, or neither. */
async function workAndKeepAnswer<T>(
  { state, tenant, deps }: { state: Ctx['state']; tenant: TenantContext; deps: Deps },
  work: (tenant: TenantContext) => Promise<T>,
): Promise<T> {
  const result = await work(tenant);
  if (!state.claim || state.claim.settled || !isAnswer(result)) return result;
  await completeClaims(tenant.trx, [{ claim: state.claim, status: result.status, body: result.body }], deps);
  return result;
}

const isAnswer = (result: unknown): result is LooseAnswer =>
  typeof result === 'object' && result !== null && 'status' in result && typeof result.status === 'number';
