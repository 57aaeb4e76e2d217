import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { enqueueRotation } from '../outbox/rotations.ts';
import type { PromisedRotation } from '../outbox/rotations.ts';
import { announceChange } from './announceChange.ts';
import type { CreatedWebhook } from './create.ts';
import { eraseSecrets } from './eraseSecrets.ts';
import { findWebhook } from './find.ts';
import { newSigningMaterial, storeSecret, storedSecrets } from './secrets.ts';
import type { StoredSecret } from './secrets.ts';

/** More signatures than this in one header help nobody and cost every delivery. */
const MAX_LIVE = 5;

export interface RotatedSecret extends CreatedWebhook {
  /** To be kept after the commit: what starts the workflow that retires the replaced secret. */
  rotations: PromisedRotation[];
  /** When the last of the earlier secrets stops signing; null: none signs any more. */
  previousUntil: Date | null;
}

/**
 * Gives an endpoint a new signing secret, returned once. The one before signs beside it for `overlapSeconds` more, and earlier ones until
 * their own end; 0 erases all of them now. Throws not_found, and conflict when five secrets would not be enough.
 */
export async function rotateSecret(tenant: TenantContext, id: string, overlapSeconds: number): Promise<RotatedSecret> {
  const { trx, actor, clock } = tenant;
  const webhook = await findWebhook(tenant, id, { forChange: true });
  const now = clock.now();
  const old = await storedSecrets(trx, actor.orgId, id);
  const live = old.filter(({ expires_at: until }) => until === null || until > now);
  if (overlapSeconds > 0) assertRoom(live);
  const { secret, publicKey } = newSigningMaterial(webhook.signature);
  const { name, publicKeys: before } = webhook;
  const kept = overlapSeconds > 0 ? before : await eraseSecrets(tenant, webhook, old);
  const until = new Date(now.getTime() + overlapSeconds * 1_000);
  const rotations = overlapSeconds > 0 ? await limit(tenant, live, until) : [];
  await storeSecret(tenant, id, secret);
  const publicKeys = publicKey === null ? kept : [publicKey, ...kept];
  const after: WebhookEndpoint = await webhook.$query(trx).patchAndFetch({ publicKeys, updatedAt: now });
  await announceChange(trx, [id]);
  await appendAudit(tenant, {
    action: 'webhooks.rotate_secret',
    category: 'system_config',
    targets: [{ type: 'webhook', id: typeId('whk', id), name }],
    before: { signing_secrets: live.length, public_keys: before },
    after: { signing_secrets: overlapSeconds > 0 ? live.length + 1 : 1, public_keys: publicKeys, overlap_seconds: overlapSeconds },
  });
  const previousUntil = overlapSeconds > 0 ? new Date(Math.max(until.getTime(), ...endsOf(live))) : null;
  return { webhook: after, secret: publicKey === null ? secret : null, rotations, previousUntil };
}

/** Those that had no end yet get one, and a promise that they are retired then. */
async function limit({ trx, actor }: TenantContext, live: StoredSecret[], until: Date): Promise<PromisedRotation[]> {
  const rotations: PromisedRotation[] = [];
  for (const { id } of live.filter((secret) => secret.expires_at === null)) {
    await trx('webhook_secrets').where({ org_id: actor.orgId, id }).update({ expires_at: until });
    rotations.push(await enqueueRotation(trx, actor.orgId, id));
  }
  return rotations;
}

function assertRoom(live: StoredSecret[]): void {
  if (live.length < MAX_LIVE) return;
  throw new AppError('conflict', {
    detail: `${live.length} secrets sign already, and ${MAX_LIVE} is the most. The next one ends at ${new Date(Math.min(...endsOf(live))).toISOString()}; overlap_seconds 0 ends all of them now.`,
  });
}

/** When those stop signing that have an end already, in ms. */
const endsOf = (live: StoredSecret[]): number[] => live.flatMap(({ expires_at: until }) => (until === null ? [] : [until.getTime()]));
