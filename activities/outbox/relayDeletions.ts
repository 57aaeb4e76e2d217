import { Context } from '@temporalio/activity';
import { keepDeletion } from '../../services/organizations/deletion/keep.ts';
import { findStalledDeletions } from '../../services/outbox/deletions.ts';
import type { PromisedDeletion } from '../../services/outbox/deletions.ts';
import type { ActivityDeps } from '../deps.ts';

/** Tells the workflow of a deletion what a process promised and did not do. */
export async function relayDeletion(deps: ActivityDeps, deletion: PromisedDeletion): Promise<void> {
  Context.current().heartbeat();
  await keepDeletion(deps, deletion);
  deps.metrics.outboxForgotten.inc(deletion.outboxIds.length);
}

/** Starts the workflows of deletions again whose next step is long overdue. */
export async function sweepDeletions(deps: ActivityDeps, options: { overdueMs: number; limit: number }): Promise<void> {
  const stalled = await deps.systemKnex.transaction((trx) => findStalledDeletions(trx, options));
  for (const deletion of stalled) await relayDeletion(deps, deletion);
}
