import { uuidOf } from '../../server/ids.ts';
import { lookForProof } from '../../services/domains/challenge.ts';
import { dueDomain, recordRecheck } from '../../services/domains/recheck.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args } from '../../workflows/domainVerification/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

/** RFC 3339; null when there is nothing to look for any more. */
export interface RecheckResult {
  nextCheckAt: string | null;
}

/** Looks for the record, if it is time, and writes down what came of it. Safe to repeat. */
export const recheckDomain =
  (deps: ActivityDeps) =>
  async ({ orgId, domainId }: Args): Promise<RecheckResult> => {
    const id = uuidOf('dom', domainId);
    const actor = workflowActor(uuidOf('org', orgId), id);
    const domain = await runInTenant(deps, actor, (tenant) => dueDomain(tenant, id));
    if (domain === null) return { nextCheckAt: null };
    if (domain.nextCheckAt !== null && domain.nextCheckAt > deps.clock.now()) return { nextCheckAt: domain.nextCheckAt.toISOString() };
    const outcome = await lookForProof(deps.resolveTxt, domain);
    const { nextCheckAt, mails } = await runInTenant(deps, actor, (tenant) => recordRecheck(tenant, id, outcome));
    deps.metrics.domainChecks.inc({ outcome });
    deps.mail.wake(...mails);
    return { nextCheckAt: nextCheckAt?.toISOString() ?? null };
  };
