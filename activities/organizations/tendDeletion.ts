import { uuidOf } from '../../server/ids.ts';
import { tendDeletion as tend } from '../../services/organizations/deletion/tend.ts';
import { startMailDelivery } from '../../services/mail/lifecycle.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args } from '../../workflows/organizationDeletion/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';

export interface DeletionStep {
  state: 'waiting' | 'erasing' | 'over';
  /** RFC 3339: when to look again; null: at once. */
  nextAt: string | null;
}

/** Does what is due before the end: warns owners, and makes the erasure begin when the time is over. Safe to repeat. */
export const tendDeletion =
  (deps: ActivityDeps) =>
  async ({ orgId }: Args): Promise<DeletionStep> => {
    const id = uuidOf('org', orgId);
    const step = await runInTenant(deps, workflowActor(id, id), tend);
    if (step.state !== 'waiting') return { state: step.state, nextAt: null };
    for (const mail of step.mails) await bestEffort(deps.logger, 'the relay has the mail sent', startMailDelivery(deps.temporal, mail));
    return { state: 'waiting', nextAt: step.nextAt.toISOString() };
  };
