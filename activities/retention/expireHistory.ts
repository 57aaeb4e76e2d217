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
  /** Organizations that failed and are left for the next day; absent from a worker of an earlier release. */
  failed?: number;
}

/** What a lost run left behind. */
type Progress = Required<Pick<ExpiredSlice, 'after' | 'failed'>>;

/**
 * Removes what is older than each organization keeps, in batches, and reports it with one audit entry for each. Resumes after the last
 * organization that a lost run had done; within one, what is gone is gone and counted, so a repeat removes and reports the rest.
 * An organization that fails is logged, counted and passed over. Throws when the database is away: that is nobody's fault.
 */
export const expireHistory =
  (deps: ActivityDeps, limits: SliceLimits = LIMITS) =>
  async (args: Args): Promise<ExpiredSlice> => {
    const context = Context.current();
    let { after, failed } = progressOf(context.info.heartbeatDetails, args);
    let removed: Removed = NOTHING_REMOVED;
    const endsAt = Date.now() + limits.lifeMs;
    const beat = () => context.heartbeat({ after, failed } satisfies Progress);
    const over = () => deps.stopping.aborted || Date.now() > endsAt;
    const organizations = await organizationsAfter(deps, after, limits.organizations);
    for (const organization of organizations) {
      if (over()) return { after, complete: false, removed, failed };
      const expired = await expireOrganization(deps, organization, limits.batch, { beat, over });
      if (expired === null) failed += 1;
      else removed = sumOf(removed, expired.removed);
      if (expired?.complete === false) return { after, complete: false, removed, failed };
      after = typeId('org', organization.id);
      beat();
    }
    return { after, complete: organizations.length < limits.organizations, removed, failed };
  };

/** An earlier release left a text, which says too little: its run is done again. */
const progressOf = (details: unknown, { after }: Args): Progress =>
  typeof details === 'object' && details !== null ? (details as Progress) : { after, failed: 0 };

function organizationsAfter({ systemKnex }: ActivityDeps, after: string | null, limit: number): Promise<Retained[]> {
  const query = systemKnex('organizations').whereNull('erased_at').orderBy('id').limit(limit);
  if (after !== null) void query.where('id', '>', uuidOf('org', after));
  return query.select<Retained[]>('id', 'plan', 'settings');
}

interface Run {
  beat: () => void;
  over: () => boolean;
}

/** Null when the organization failed; `complete` is false when the time was over first. */
async function expireOrganization(
  deps: ActivityDeps,
  organization: Retained,
  batch: number,
  run: Run,
): Promise<{ complete: boolean; removed: Removed } | null> {
  try {
    const complete = await expireAll(deps, organization, batch, run);
    return { complete, removed: (await report(deps, organization)) ?? NOTHING_REMOVED };
  } catch (error) {
    await deps.systemKnex.raw('SELECT 1');
    deps.logger.error(
      { err: error, org_id: typeId('org', organization.id) },
      'retention of an organization failed, the next run tries again',
    );
    return null;
  }
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
