import type { ApiKeyView } from '../../db/queries/selectApiKeys.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';
import { resolveWorkspace } from '../workspaces/usable.ts';
import { assertUsableScopes } from './assertUsableScopes.ts';
import { createApiKey } from './create.ts';
import { findApiKey } from './find.ts';
import type { ApiKeyEnv } from './format.ts';
import { assertRateLimit, readKeyPolicy, resolveExpiry } from './policy.ts';

/** A key as somebody asks for it. */
export interface KeyRequestInput {
  name: string;
  scopes: readonly Permission[];
  env: ApiKeyEnv;
  owner: 'organization' | 'user';
  workspaceId: string | null;
  expiresAt: Date | null;
  rateLimitPerHour: number | null;
  allowedIps: readonly string[];
}

/** `key` is shown once. */
export interface IssuedKey {
  view: ApiKeyView;
  key: string;
}

/**
 * Creates the key that is asked for, within what the actor, the plan and the organization's policy allow.
 * Throws permission_denied, api_access_disabled, plan_limit_reached, validation_failed (owner, workspace, scopes beyond it, expiry).
 */
export async function issueApiKey(tenant: TenantContext, pepper: string, { owner, ...input }: KeyRequestInput): Promise<IssuedKey> {
  const policy = await readKeyPolicy(tenant);
  if (!policy.apiEnabled)
    throw new AppError('api_access_disabled', {
      detail: 'The organization has switched off access with API keys: a new one would be refused.',
    });
  assertRateLimit(input.rateLimitPerHour, policy);
  const workspaceId = await resolveWorkspace(tenant, input.workspaceId, 'body.workspace_id');
  assertUsableScopes(input.scopes, workspaceId);
  const now = tenant.clock.now();
  const { id, key } = await createApiKey(tenant, pepper, {
    ...input,
    ownerUserId: owner === 'user' ? personOf(tenant) : null,
    workspaceId,
    expiresAt: resolveExpiry(input.expiresAt, { createdAt: now, now }, policy),
  });
  return { view: await findApiKey(tenant, id), key };
}

/** A person's key is made by that person: it acts in their name. */
function personOf({ actor }: TenantContext): string {
  if (actor.type === 'user') return actor.id;
  throw new AppError('validation_failed', {
    detail: 'Only somebody who is signed in can make a key of their own. An API key makes keys of the organization.',
    fields: [{ location: 'body.owner', message: 'must be "organization" when an API key asks' }],
  });
}
