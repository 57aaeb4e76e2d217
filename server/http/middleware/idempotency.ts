import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { bestEffort } from '../../../services/bestEffort.ts';
import { claimRequest } from '../../../services/idempotency/claimRequest.ts';
import type { ClaimRequest } from '../../../services/idempotency/claimer.ts';
import type { IdempotencyClaim } from '../../../services/idempotency/claims.ts';
import { completeClaim, releaseClaim } from '../../../services/idempotency/settleClaim.ts';
import type { Deps } from '../../deps.ts';
import { idempotencyKeyOf } from '../idempotencyKey.ts';
import { presentAnswer } from '../presentAnswer.ts';
import type { Mount } from '../mounts.ts';
import type { Route } from '../route.ts';
import type { Ctx, Next, Step } from '../state.ts';

/**
 * Honours Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the first request claims the key and its answer is kept
 * for a day; a repeat gets that answer. What fails gives the key back, so that the repeat is a new try. An operation that is in no organization
 * honours it itself (personClaimOf).
 * Throws invalid_idempotency_key, idempotency_mismatch, idempotency_in_flight.
 */
export function idempotency({ route }: Mount, deps: Deps): Step | null {
  if (!route.idempotent || !route.permission) return null;
  const claimOrReplay = async (ctx: Ctx, next: Next, key: string): Promise<void> => {
    const outcome = await claimRequest(deps, claimOf(route, ctx, { key, fingerprintKey: deps.derivedKeys.of('idempotency_fingerprint') }));
    if ('claim' in outcome) return runClaimed(deps, ctx, next, outcome.claim);
    const { status, text } = outcome.replay;
    ctx.set('Idempotency-Replayed', 'true');
    ctx.state.answer = { status, body: text };
    ctx.state.presented = { body: text, text };
    return next(ctx);
  };
  return (ctx, next) => {
    const key = idempotencyKeyOf(ctx.req.headers);
    return key === null ? next(ctx) : claimOrReplay(ctx, next, key);
  };
}

function claimOf(route: Route, ctx: Ctx, { key, fingerprintKey }: { key: string; fingerprintKey: KeyObject }): ClaimRequest {
  const { orgId, id } = ctx.state.actor!;
  const present = (status: number, body: unknown): string => {
    const text = presentAnswer(route, status, body);
    ctx.state.presented = { body, text };
    return route.stored ? presentAnswer(route, status, route.stored(body)) : text;
  };
  return { orgId, credentialId: id, route: route.operationId, key, fingerprint: fingerprint(route, ctx, fingerprintKey), present };
}

async function runClaimed(deps: Deps, ctx: Ctx, next: Next, claim: IdempotencyClaim): Promise<void> {
  ctx.state.claim = claim;
  try {
    await next(ctx);
    const { answer } = ctx.state;
    if (claim.settled || !answer) return;
    if (answer.status < 400) await completeClaim(deps, { claim, status: answer.status, body: answer.body });
    else await releaseClaim(deps, claim, deps.stopping.signal);
  } catch (error) {
    await bestEffort(
      deps.logger,
      'a claim that stays is given back later, or taken over when this process is gone or its lock ends',
      releaseClaim(deps, claim, deps.stopping.signal),
    );
    throw error;
  }
}

/**
 * One operation, one path, one query, one body: anything else is another request. Under a key, and of one organization, so that who reads
 * the row cannot find out by guessing what the body was.
 */
function fingerprint({ operationId }: Route, { state, querystring }: Ctx, key: KeyObject): Buffer {
  const { orgId, workspaceId } = state.actor!;
  const head = JSON.stringify([orgId, workspaceId, operationId, state.pathParams, querystring]);
  const mac = createHmac('sha256', key).update(head);
  return (state.rawBody ? mac.update(state.rawBody) : mac).digest();
}
