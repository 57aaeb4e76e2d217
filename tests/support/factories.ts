import { systemClock } from '../../server/clock.ts';
import { createApiKey as createApiKeyOf } from '../../services/apiKeys/create.ts';
import type { CreatedApiKey, NewApiKeyInput } from '../../services/apiKeys/create.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import type { Actor } from '../../services/context.ts';
import { createVault } from '../../services/crypto/vault.ts';
import type { NewOrganization } from '../../services/organizations/check.ts';
import { createOrganization as foundOrganization } from '../../services/organizations/create.ts';
import { PERMISSIONS } from '../../services/permissions.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

/** Database uuids; `key` is the text of the first API key, which holds every permission and has no rate limit. */
export interface TestOrganization {
  orgId: string;
  workspaceId: string;
  ownerUserId: string;
  key: string;
  keyId: string;
  /** The first key as the one who acts. */
  actor: Actor;
}

let count = 0;

/** An organization as the command line makes it, with a name of its own in each call. */
export async function createOrganization(database: TestDatabase, input: Partial<NewOrganization> = {}): Promise<TestOrganization> {
  count += 1;
  const { orgId, workspaceId, ownerUserId, apiKey } = await foundOrganization(
    { ...services(), system: database.system, pepper: TEST_SECRETS.API_KEY_PEPPER },
    { name: `Organization ${count}`, ownerEmail: `owner${count}@example.com`, plan: 'enterprise', rateLimitPerHour: 0, ...input },
  );
  return { orgId, workspaceId, ownerUserId, key: apiKey.key, keyId: apiKey.keyId, actor: actorOf(orgId, apiKey.id) };
}

/** A further key of the organization; without `scopes` it holds every permission. */
export async function createApiKey(
  database: TestDatabase,
  organization: TestOrganization,
  input: Partial<NewApiKeyInput> = {},
): Promise<CreatedApiKey> {
  return runInTenant({ ...services(), knex: database.app }, organization.actor, (tenant) =>
    createApiKeyOf(tenant, TEST_SECRETS.API_KEY_PEPPER, { name: 'Test key', scopes: PERMISSIONS, rateLimitPerHour: 0, ...input }),
  );
}

function services() {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  return { clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
}

function actorOf(orgId: string, id: string): Actor {
  const nowhere = { workspaceId: null, ip: null, userAgent: null, requestId: null, workflowId: null };
  return { type: 'api_key', id, name: 'First key', orgId, permissions: new Set(PERMISSIONS), ...nowhere };
}
