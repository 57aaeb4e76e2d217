import type { Knex } from 'knex';
import type { z } from 'zod';
import { createKnex } from '../../db/knex.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { operator } from '../../services/encryptionKeys/start.ts';
import { changeLimits } from '../../services/limits/changeLimits.ts';
import type { LimitChange } from '../../services/limits/changeLimits.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { presentLimits } from '../http/routes/organizations/present.ts';
import type { LimitsOut } from '../http/routes/organizations/reportSchemas.ts';
import { parseTypeId, typeId } from '../ids.ts';

/** As `org:limits` prints it: what the API shows of limits, and whose they are. */
export type OrganizationLimitsOut = { organization_id: string } & z.input<typeof LimitsOut>;

/**
 * Changes what an organization (its short name, or `org_…`) may have, as the operator, and tells how it is then.
 * Throws AppError not_found, also when it is being deleted; service_unavailable.
 */
export async function organizationLimits(
  config: Pick<Config, 'ENCRYPTION_KEYS'> & { DATABASE_SYSTEM_URL: string },
  organization: string,
  change: LimitChange,
): Promise<OrganizationLimitsOut> {
  const knex = createKnex(config.DATABASE_SYSTEM_URL, { max: 1, applicationName: 'artisan-operator', statementTimeoutMs: 10_000 });
  const vault = createVault(config.ENCRYPTION_KEYS);
  const deps = { knex, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
  try {
    const orgId = await find(knex, organization);
    const report = await runInTenant(deps, operator(orgId), (tenant) => changeLimits(tenant, change));
    return { organization_id: typeId('org', orgId), ...presentLimits(report) };
  } finally {
    await knex.destroy();
  }
}

async function find(knex: Knex, organization: string): Promise<string> {
  const id = parseTypeId('org', organization);
  const row = await knex('organizations')
    .where(id === null ? { slug: organization } : { id })
    .whereNull('deleted_at')
    .first<{ id: string } | undefined>('id');
  if (!row) throw new AppError('not_found');
  return row.id;
}
