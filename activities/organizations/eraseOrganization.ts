import { Context } from '@temporalio/activity';
import { erasedTables } from '../../db/queries/erasedTables.ts';
import { withTenant } from '../../db/tenancy.ts';
import { uuidOf } from '../../server/ids.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import { eraseRows, leaveTombstone } from '../../services/organizations/deletion/erase.ts';
import { endWorkflowsOf } from '../../services/organizations/lifecycle.ts';
import type { Args } from '../../workflows/organizationDeletion/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** For about how long one run erases, and how many rows go in one transaction. */
export interface ErasureLimits {
  lifeMs: number;
  batch: number;
  /** What was under way when the erasure began, such as a request to a receiver, has written its last row after this time. */
  quietMs: number;
}

const LIMITS: ErasureLimits = { lifeMs: 60_000, batch: 1_000, quietMs: 15 * 60_000 };

export interface ErasedSlice {
  /** Rows that this run removed. */
  removed: number;
  /** RFC 3339: when to look for what was written late; null: go on at once. */
  nextAt: string | null;
}

/**
 * Ends the organization's workflows and removes its rows, table after table, a transaction for each batch; at the end, when nothing was found and
 * nobody can write any more, leaves the tombstone. Safe to repeat: what is gone is gone, and a lost run is done again from the first table.
 */
export const eraseOrganization =
  (deps: ActivityDeps, limits: ErasureLimits = LIMITS) =>
  async ({ orgId }: Args): Promise<ErasedSlice> => {
    const context = Context.current();
    const id = uuidOf('org', orgId);
    const endsAt = Date.now() + limits.lifeMs;
    await bestEffort(deps.logger, 'a workflow that is left finds nothing to do', endWorkflowsOf(deps.temporal, id));
    const tables = await erasedTables(deps.systemKnex);
    // Says that somebody works on it: the relay looks for deletions whose next step is overdue.
    await deps.systemKnex('organizations').where({ id }).whereNull('erased_at').update({ deletion_next_at: deps.clock.now() });
    let removed = 0;
    for (const table of tables) {
      for (;;) {
        context.heartbeat();
        const rows = await withTenant(deps.systemKnex, id, (trx) => eraseRows(trx, table, limits.batch));
        removed += rows;
        if (deps.stopping.aborted || Date.now() > endsAt) return { removed, nextAt: null };
        if (rows === 0) break;
      }
    }
    if (removed > 0) return { removed, nextAt: null };
    return finish(deps, id, tables, limits);
  };

/** Nothing was left: the end, unless somebody may still write. */
async function finish(deps: ActivityDeps, orgId: string, tables: string[], { quietMs }: ErasureLimits): Promise<ErasedSlice> {
  const row = await deps.systemKnex('organizations').where({ id: orgId }).first<{ erasure_started_at: Date }>('erasure_started_at');
  const quietAt = new Date(row.erasure_started_at.getTime() + quietMs);
  if (quietAt > deps.clock.now()) {
    await deps.systemKnex('organizations').where({ id: orgId }).update({ deletion_next_at: quietAt });
    return { removed: 0, nextAt: quietAt.toISOString() };
  }
  await withTenant(deps.systemKnex, orgId, (trx) => leaveTombstone(trx, workflowActor(orgId, orgId), tables, deps));
  return { removed: 0, nextAt: null };
}
