import type { Knex } from 'knex';
import type { Clock } from '../server/clock.ts';
import { toAppError } from '../db/errors.ts';
import { withTenant } from '../db/tenancy.ts';
import type { SubjectKeys } from './audit/subjectKeys.ts';
import type { Actor, TenantContext } from './context.ts';
import type { MasterVault } from './crypto/vault.ts';

export interface TenantDeps {
  knex: Knex;
  clock: Clock;
  vault: MasterVault;
  subjectKeys: SubjectKeys;
}

/**
 * Runs `work` in one transaction fenced to the actor's organization and commits it. `work` gets the organization's own vault.
 * Throws what `work` throws; database errors come mapped (service_unavailable, conflict).
 */
export async function runInTenant<T>(deps: TenantDeps, actor: Actor, work: (tenant: TenantContext) => Promise<T>): Promise<T> {
  const { clock, vault, subjectKeys } = deps;
  try {
    return await withTenant(deps.knex, actor.orgId, async (trx) =>
      work({ trx, actor, clock, vault: await vault.of(trx, actor.orgId), subjectKeys }),
    );
  } catch (error) {
    throw toAppError(error);
  }
}
