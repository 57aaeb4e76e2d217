import type { Knex } from 'knex';
import type { Clock } from '../server/clock.ts';
import { toAppError } from '../db/errors.ts';
import { changeWithPipeline, readWithPipeline } from '../db/pipeline.ts';
import type { Sent } from '../db/pipeline.ts';
import { withTenant } from '../db/tenancy.ts';
import type { SubjectKeys } from './audit/subjectKeys.ts';
import type { Actor, ChangeContext, ReadContext, TenantContext } from './context.ts';
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

/**
 * Runs a read of the actor's organization that needs no answer before it has asked for everything: its statements, the fence and COMMIT leave
 * in one write. What `read` sends after it has waited is refused. Throws as runInTenant.
 */
export async function readInTenant<T>(
  { knex }: Pick<TenantDeps, 'knex'>,
  actor: Actor,
  read: (tenant: ReadContext) => Promise<T>,
): Promise<T> {
  try {
    return await readWithPipeline(knex, actor.orgId, (trx) => read({ trx, actor }));
  } catch (error) {
    throw toAppError(error);
  }
}

/**
 * Runs a change of the actor's organization whose statements are prepared and find their rows by key: COMMIT leaves with those that `change`
 * has sent when it resolves. Throws as runInTenant.
 */
export async function changeInTenant<T>(deps: TenantDeps, actor: Actor, change: (tenant: ChangeContext) => Promise<Sent<T>>): Promise<T> {
  const { knex, clock, vault, subjectKeys } = deps;
  try {
    return await changeWithPipeline(knex, actor.orgId, async (trx) =>
      change({ trx, actor, clock, vault: await vault.of(trx, actor.orgId), subjectKeys }),
    );
  } catch (error) {
    throw toAppError(error);
  }
}
