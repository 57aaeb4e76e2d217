import { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { newId, typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { assertSubscribable } from '../eventTypes/subscribable.ts';
import { assertRoom } from '../limits/assertRoom.ts';
import { resolveWorkspace } from '../workspaces/usable.ts';
import { sealHeaders } from './customHeaders.ts';
import { describeWebhook } from './describe.ts';
import { assertFilter } from './filter/assert.ts';
import { assertHeadersAllowed } from './headersPolicy.ts';
import type { OwnershipProof } from './ownership/checks.ts';
import { newSigningMaterial, storeSecret } from './secrets.ts';
import type { SignatureScheme, SigningMaterial } from './secrets.ts';

/** What a caller may set at any time. */
export interface WebhookSettings {
  name: string;
  url: string;
  eventTypes: string[];
  description: string | null;
  timeoutSeconds: number;
  maxRetries: number;
  retryDelaySeconds: number;
  retryScheduleSeconds: number[];
  headers: Record<string, string>;
  maxInFlight: number;
  rateLimitPerSecond: number | null;
  ordered: boolean;
  channels: string[];
  /** In the language of `filter/parse.ts`; null: every event. */
  filter: object | null;
}

export interface NewWebhook extends WebhookSettings {
  signature: SignatureScheme;
  workspaceId: string | null;
}

export interface CreatedWebhook {
  webhook: WebhookEndpoint;
  /** The `whsec_…` to hand out once; null when receivers verify with a public key. */
  secret: string | null;
}

/**
 * Whether an endpoint could be created so; `workspaceId` is the one that it would belong to. Room for it is held until the transaction ends.
 * Throws unknown_event_type, header_not_allowed, validation_failed (filter, workspace), plan_limit_reached.
 */
export async function assertCreatable(tenant: TenantContext, input: NewWebhook): Promise<{ workspaceId: string | null }> {
  await assertSubscribable(tenant, input.eventTypes);
  assertHeadersAllowed(input.headers);
  assertFilter(input.filter);
  const workspaceId = await resolveWorkspace(tenant, input.workspaceId, 'body.workspace_id');
  await assertRoom(tenant, 'webhook_endpoints');
  return { workspaceId };
}

/**
 * Creates an endpoint with its first signing secret, which is returned once and stored sealed. The URL was vetted before.
 * `proof`: its receiver echoed a challenge that was signed with this material. Throws what assertCreatable throws.
 */
export async function createWebhook(
  tenant: TenantContext,
  input: NewWebhook,
  proof: (OwnershipProof & { material: SigningMaterial }) | null = null,
): Promise<CreatedWebhook> {
  const { trx, actor, clock, vault } = tenant;
  const { headers, ...settings } = input;
  const { workspaceId } = await assertCreatable(tenant, input);
  const id = newId(clock);
  const { secret, publicKey } = proof?.material ?? newSigningMaterial(input.signature);
  const now = clock.now();
  const webhook = await WebhookEndpoint.query(trx).insertAndFetch({
    ...settings,
    orgId: actor.orgId,
    id,
    workspaceId,
    headersSealed: sealHeaders(vault, actor.orgId, id, headers),
    headerNames: Object.keys(headers),
    publicKeys: publicKey === null ? [] : [publicKey],
    verifiedAt: proof?.verifiedAt ?? null,
    createdAt: now,
    updatedAt: now,
  });
  await storeSecret(tenant, id, secret);
  await appendAudit(tenant, {
    action: 'webhooks.create',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name: webhook.name }],
    after: describeWebhook(webhook),
  });
  return { webhook, secret: publicKey === null ? secret : null };
}
