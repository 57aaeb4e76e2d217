import { Context } from '@temporalio/activity';
import { keepVerification } from '../../services/domains/keepVerification.ts';
import { findStalledVerifications } from '../../services/outbox/verifications.ts';
import type { PromisedVerification } from '../../services/outbox/verifications.ts';
import type { ActivityDeps } from '../deps.ts';

/** Keeps a promise that the process which made it did not. */
export async function relayVerification(deps: ActivityDeps, verification: PromisedVerification): Promise<void> {
  Context.current().heartbeat();
  await keepVerification(deps, verification);
  deps.metrics.outboxForgotten.inc(verification.outboxIds.length);
}

/** Those whose workflow was lost with Temporal's own store. Part of the relay's sweep. */
export async function relayStalledVerifications(deps: ActivityDeps, options: { overdueMs: number; limit: number }): Promise<void> {
  const stalled = await deps.systemKnex.transaction((trx) => findStalledVerifications(trx, options));
  for (const verification of stalled) await relayVerification(deps, verification);
}
