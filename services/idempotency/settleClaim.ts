import { setTimeout as sleep } from 'node:timers/promises';
import { toAppError } from '../../db/errors.ts';
import { withPipeline } from '../../db/pipeline.ts';
import { prepared } from '../../db/prepared.ts';
import { withTenant } from '../../db/tenancy.ts';
import type { IdempotencyDeps } from './claimRequest.ts';
import { completeClaims } from './claims.ts';
import type { ClaimedAnswer, IdempotencyClaim } from './claims.ts';

/** This process lives, so nobody else may run the request until the lock ends: a key that could not be given back at once is tried again. */
const AGAIN_AFTER_MS = [500, 2_000, 8_000];

const RELEASE = `DELETE FROM idempotency_keys WHERE org_id = $1 AND credential_id = $2 AND route = $3 AND key = $4
  AND state = 'in_flight' AND locked_until = $5 AND holder = $6`;

/** Stores an answer whose work is committed already. A crash in between leaves the key to be claimed again. */
export async function completeClaim(deps: IdempotencyDeps, answer: ClaimedAnswer): Promise<void> {
  try {
    await withTenant(deps.knex, answer.claim.orgId, (trx) => completeClaims(trx, [answer], deps));
  } catch (error) {
    throw toAppError(error);
  }
}

/**
 * Gives the key back after a failure. Leaves alone an answer that was committed after all, and a claim that was taken over.
 * Rejects when the first try fails, and goes on trying behind the caller's back until `stop`.
 */
export async function releaseClaim(deps: IdempotencyDeps, claim: IdempotencyClaim, stop: AbortSignal): Promise<void> {
  try {
    await release(deps, claim);
  } catch (error) {
    void releaseLater(deps, claim, stop);
    throw toAppError(error);
  }
}

async function releaseLater(deps: IdempotencyDeps, claim: IdempotencyClaim, signal: AbortSignal): Promise<void> {
  for (const pauseMs of AGAIN_AFTER_MS) {
    try {
      await sleep(pauseMs, undefined, { signal, ref: false });
      return await release(deps, claim);
    } catch {
      if (signal.aborted) return;
    }
  }
}

async function release({ knex }: IdempotencyDeps, claim: IdempotencyClaim): Promise<void> {
  const { orgId, credentialId, route, key, lockedUntil, holder } = claim;
  await withPipeline(knex, orgId, async (pipeline) => {
    const released = prepared(pipeline, 'release-claim', RELEASE, [orgId, credentialId, route, key, lockedUntil, holder]);
    void pipeline.commit();
    await released;
  });
}
