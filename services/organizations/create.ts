import type { Knex } from 'knex';
import { newId, typeId } from '../../server/ids.ts';
import type { Clock } from '../../server/clock.ts';
import { User } from '../../db/models/User.ts';
import { insertMember } from '../access/insertMember.ts';
import { createApiKey } from '../apiKeys/create.ts';
import type { CreatedApiKey } from '../apiKeys/create.ts';
import { appendAudit } from '../audit/append.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Actor, TenantContext } from '../context.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { PERMISSIONS } from '../permissions.ts';
import { runInTenant } from '../runInTenant.ts';
import { checkNewOrganization, slugOf } from './check.ts';
import type { NewOrganization } from './check.ts';
import { insertDefaultWorkspace, insertOrganization } from './insert.ts';

export interface OrganizationDeps {
  /** Pool of artisan_system: the owner's e-mail may belong to a user of another organization. */
  system: Knex;
  clock: Clock;
  vault: MasterVault;
  subjectKeys: SubjectKeys;
  /** API_KEY_PEPPER. */
  pepper: string;
}

/** Database uuids; `apiKey.key` is shown once. */
export interface CreatedOrganization {
  orgId: string;
  workspaceId: string;
  ownerUserId: string;
  apiKey: CreatedApiKey;
}

/**
 * Creates an organization with its default workspace, its owner and a first API key that holds every permission, all in one
 * transaction with the audit entries. A user with that e-mail is taken over as owner, else made.
 * Throws validation_failed naming `name`, `owner_email`, `plan` or `rate_limit_per_hour`.
 */
export async function createOrganization(deps: OrganizationDeps, input: NewOrganization): Promise<CreatedOrganization> {
  const organization = checkNewOrganization(input);
  const orgId = newId(deps.clock);
  return runInTenant({ ...deps, knex: deps.system }, founder(orgId), async (tenant) => {
    const slug = slugOf(organization.name, typeId('org', orgId));
    await insertOrganization(tenant, { ...organization, slug });
    const workspaceId = await insertDefaultWorkspace(tenant);
    const ownerUserId = await insertOwner(tenant, organization.ownerEmail);
    await appendAudit(tenant, {
      action: 'organizations.create',
      category: 'system_config',
      targets: [{ type: 'organization', id: typeId('org', orgId), name: organization.name }],
      after: { name: organization.name, plan: organization.plan },
    });
    const apiKey = await createApiKey(tenant, deps.pepper, {
      name: 'First key',
      scopes: PERMISSIONS,
      rateLimitPerHour: organization.rateLimitPerHour,
    });
    return { orgId, workspaceId, ownerUserId, apiKey };
  });
}

/** The operator's command: the only actor that exists before the organization has members. */
const founder = (orgId: string): Actor => ({
  type: 'system',
  id: orgId,
  name: 'Operator',
  orgId,
  workspaceId: null,
  permissions: new Set(PERMISSIONS),
  ip: null,
  userAgent: null,
  requestId: null,
  workflowId: null,
});

/** Two organizations may be made for one e-mail at the same moment: the insert that loses reads the winner's row. */
async function insertOwner(tenant: TenantContext, email: string): Promise<string> {
  const { trx, clock } = tenant;
  await User.query(trx)
    .insert({ id: newId(clock), email, name: email.split('@')[0]!, createdAt: clock.now() })
    .onConflict('email')
    .ignore();
  const owner = await User.query(trx).findOne({ email }).throwIfNotFound();
  await insertMember(tenant, { userId: owner.id, roles: [{ role: 'owner' }], source: 'founder' });
  return owner.id;
}
