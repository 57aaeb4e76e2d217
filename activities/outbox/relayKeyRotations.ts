import { Context } from '@temporalio/activity';
import { keepKeyRotation } from '../../services/apiKeys/rotation/keep.ts';
import { findOverdueKeyRotations } from '../../services/outbox/keyRotations.ts';
import type { PromisedKeyRotation } from '../../services/outbox/keyRotations.ts';
import type { ActivityDeps } from '../deps.ts';

/** Tells the workflow of one rotation what a process promised and did not do, or what a trigger promised for it. */
export async function relayKeyRotation(deps: ActivityDeps, rotation: PromisedKeyRotation): Promise<void> {
  Context.current().heartbeat();
  await keepKeyRotation(deps, rotation);
  deps.metrics.outboxForgotten.inc(rotation.outboxIds.length);
}

/** Starts the workflows of rotations again whose end is long over. */
export async function sweepKeyRotations(deps: ActivityDeps, options: { overdueMs: number; limit: number }): Promise<void> {
  const overdue = await deps.systemKnex.transaction((trx) => findOverdueKeyRotations(trx, options));
  for (const rotation of overdue) await relayKeyRotation(deps, rotation);
}
