import { runAsPerson } from '../../../services/auth/runAsPerson.ts';
import { auditDenial } from '../../../services/audit/denial.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import type { Actor, TenantContext } from '../../../services/context.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { completeClaims } from '../../../services/idempotency/claims.ts';
import { changeInTenant, readInTenant, runInTenant } from '../../../services/runInTenant.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { HandlerContext, LooseAnswer, Route } from '../route.ts';
import type { Ctx, Step } from '../state.ts';
import { originOf } from './origin.ts';

/** Calls the route's handler with what the steps before it found out, unless there is an answer already. */
export function handle({ route }: Mount, deps: Deps): Step {
  return async (ctx, next) => {
    ctx.state.answer ??= await answerOf(route, deps, ctx);
    await next(ctx);
  };
}

/** A service that finds out itself that somebody goes too far rolls back what it did; the refusal is put on record after that. */
async function answerOf(route: Route, deps: Deps, ctx: Ctx): Promise<LooseAnswer> {
  try {
    return await route.handler(handlerContext(route, deps, ctx));
  } catch (error) {
    const { actor } = ctx.state;
    if (actor && error instanceof AppError && error.code === 'permission_denied') {
      const denial = auditDenial(deps, actor, { operationId: route.operationId, lacks: 'what it would change, give or take' });
      await bestEffort(deps.logger, 'a refusal stands even when it cannot be recorded', denial);
    }
    throw error;
  }
}

function handlerContext(route: Route, deps: Deps, ctx: Ctx): HandlerContext<unknown, unknown, unknown, boolean, boolean> {
  const { state, req } = ctx;
  const origin = originOf(ctx);
  return {
    params: state.params,
    query: state.query,
    body: state.body,
    rawBody: state.rawBody,
    actor: state.actor,
    session: state.session,
    origin,
    requestId: state.requestId,
    headers: req.headers,
    deps,
    idempotency: state.claim,
    inTenant: (work) => runInTenant(deps, actorOf(route, state), (tenant) => workAndKeepAnswer({ state, tenant, deps }, work)),
    readInTenant: (read) => readInTenant(deps, actorOf(route, state), read),
    changeInTenant: (change) => {
      // The answer would be known, and kept for a repeat, only after the commit.
      if (route.idempotent) throw new Error(`${route.operationId} keeps its answer with its work: see inTenant`);
      return changeInTenant(deps, actorOf(route, state), change);
    },
    inUser: (work) => {
      if (!state.session) throw new Error(`${route.operationId} has no person here`);
      return runAsPerson(deps, { userId: state.session.userId, origin }, (person) => work(person.trx, person));
    },
  };
}

function actorOf({ operationId }: Route, { actor }: Ctx['state']): Actor {
  if (!actor) throw new Error(`${operationId} has no organization here`);
  return actor;
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
