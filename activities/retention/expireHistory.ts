import { Context } from '@temporalio/activity';
import { withTenant } from '../../db/tenancy.ts';
import { typeId, uuidOf } from '../../server/ids.ts';
import { daysBefore, retentionDays } from '../../services/retention/days.ts';
import type { Retained } from '../../services/retention/days.ts';
import { expireBatch } from '../../services/retention/expire.ts';
import { NOTHING_REMOVED, reportRemovals, sumOf } from '../../services/retention/removals.ts';
import type { Removed } from '../../services/retention/removals.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args, Counts } from '../../workflows/webhookRetention/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** How many organizations one run looks at, for about how long, and how many rows go in one transaction. */
export interface SliceLimits {
  organizations: number;
  lifeMs: number;
  batch: number;
}

const LIMITS: SliceLimits = { organizations: 500, lifeMs: 5 * 60_000, batch: 1_000 };

export interface ExpiredSlice {
  /** The last organization (TypeID) that is done; null: none yet. */
  after: string | null;
  /** There are no more. */
  complete: boolean;
  removed: Counts;
}

/**
 * Removes what is older than each organization keeps, in batches, and reports it with one audit entry for each. Resumes after the last
 * organization that a lost run had done; within one, what is gone is gone and counted, so a repeat removes and reports the rest.
 */
export const expireHistory =
  (deps: ActivityDeps, limits: SliceLimits = LIMITS) =>
  async (args: Args): Promise<ExpiredSlice> => {
    const context = Context.current();
    let done = (context.info.heartbeatDetails as string | undefined) ?? args.after;
    let removed: Removed = NOTHING_REMOVED;
    const endsAt = Date.now() + limits.lifeMs;
    const organizations = await organizationsAfter(deps, done, limits.organizations);
    for (const organization of organizations) {
      const over = () => deps.stopping.aborted || Date.now() > endsAt;
      if (over()) return { after: done, complete: false, removed };
      const complete = await expireAll(deps, organization, limits.batch, { beat: () => context.heartbeat(done), over });
      const reported = await report(deps, organization);
      if (reported !== null) removed = sumOf(removed, reported);
      if (!complete) return { after: done, complete: false, removed };
      done = typeId('org', organization.id);
      context.heartbeat(done);
    }
    return { after: done, complete: organizations.length < limits.organizations, removed };
  };

function organizationsAfter({ systemKnex }: ActivityDeps, after: string | null, limit: number): Promise<Retained[]> {
  const query = systemKnex('organizations').orderBy('id').limit(limit);
  if (after !== null) void query.where('id', '>', uuidOf('org', after));
  return query.select<Retained[]>('id', 'plan', 'settings');
}

interface Run {
  beat: () => void;
  over: () => boolean;
}

/** False when the time was over first. */
async function expireAll(deps: ActivityDeps, organization: Retained, batch: number, { beat, over }: Run): Promise<boolean> {
  const orgId = organization.id;
  const before = daysBefore(deps.clock.now(), retentionDays(organization));
  for (;;) {
    beat();
    const { more } = await withTenant(deps.systemKnex, orgId, (trx) => expireBatch(trx, { orgId, before, batch }));
    if (!more) return true;
    if (over()) return false;
  }
}

function report(deps: ActivityDeps, organization: Retained): Promise<Removed | null> {
  const actor = workflowActor(organization.id, organization.id);
  return runInTenant({ ...deps, knex: deps.systemKnex }, actor, (tenant) => reportRemovals(tenant, retentionDays(organization)));
}
