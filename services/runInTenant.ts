import type { Knex } from 'knex';
import type { Clock } from '../server/clock.ts';
import { toAppError } from '../db/errors.ts';
import { withTenant } from '../db/tenancy.ts';
import type { SubjectKeys } from './audit/subjectKeys.ts';
import type { Actor, TenantContext } from './context.ts';
import type { Vault } from './crypto/vault.ts';

interface TenantDeps {
  knex: Knex;
  clock: Clock;
  vault: Vault;
  subjectKeys: SubjectKeys;
}

/**
 * Runs `work` in one transaction fenced to the actor's organization and commits it.
 * Throws what `work` throws; database errors come mapped (service_unavailable, conflict).
 */
export async function runInTenant<T>(deps: TenantDeps, actor: Actor, work: (tenant: TenantContext) => Promise<T>): Promise<T> {
  const { clock, vault, subjectKeys } = deps;
  try {
    return await withTenant(deps.knex, actor.orgId, (trx) => work({ trx, actor, clock, vault, subjectKeys }));
  } catch (error) {
    throw toAppError(error);
  }
}
