import { systemClock } from '../../server/clock.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import type { Actor, TenantContext } from '../../services/context.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { PERMISSIONS } from '../../services/permissions.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

const NOWHERE = { ip: null, userAgent: null, requestId: null, workflowId: null };

/** A person who acts; the services find out themselves what that person may hand on. */
export const userActor = (orgId: string, userId: string, workspaceId: string | null = null): Actor => ({
  type: 'user',
  id: userId,
  name: 'Somebody',
  orgId,
  workspaceId,
  permissions: new Set(PERMISSIONS),
  ...NOWHERE,
});

/** Runs `work` in one transaction of the actor's organization, without HTTP. */
export function asActor<T>(database: TestDatabase, actor: Actor, work: (tenant: TenantContext) => Promise<T>): Promise<T> {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const deps = { knex: database.app, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
  return runInTenant(deps, actor, work);
}

/** The code of the AppError that the work ends with, or "done". */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
