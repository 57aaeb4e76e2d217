import { createKnex } from '../../db/knex.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { createOrganization } from '../../services/organizations/create.ts';
import type { NewOrganization } from '../../services/organizations/check.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { typeId } from '../ids.ts';

/** As `org:create` prints it. The key is shown once. */
export interface OrganizationOut {
  organization_id: string;
  workspace_id: string;
  api_key: string;
}

/** Creates an organization from outside the API, as the operator. Throws AppError validation_failed or service_unavailable. */
export async function newOrganization(
  config: Pick<Config, 'ENCRYPTION_KEYS' | 'API_KEY_PEPPER'> & { DATABASE_SYSTEM_URL: string },
  input: NewOrganization,
): Promise<OrganizationOut> {
  const system = createKnex(config.DATABASE_SYSTEM_URL, { max: 1, applicationName: 'artisan-operator', statementTimeoutMs: 10_000 });
  const vault = createVault(config.ENCRYPTION_KEYS);
  const deps = { system, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault), pepper: config.API_KEY_PEPPER };
  try {
    const { orgId, workspaceId, apiKey } = await createOrganization(deps, input);
    return { organization_id: typeId('org', orgId), workspace_id: typeId('wsp', workspaceId), api_key: apiKey.key };
  } finally {
    await system.destroy();
  }
}
