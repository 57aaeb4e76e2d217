import type { Transaction } from 'objection';
import { uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import { newId } from '../../server/ids.ts';
import type { TenantContext } from '../context.ts';
import type { Vault } from '../crypto/vault.ts';
import { newSigningKeyPair, newSigningSecret } from './sign.ts';

export type SignatureScheme = 'v1' | 'v1a';

/** `whsec_…` to share for v1, `whsk_…` to keep for v1a; `publicKey` is the `whpk_…` half, for v1a only. */
export interface SigningMaterial {
  secret: string;
  publicKey: string | null;
}

export function newSigningMaterial(scheme: SignatureScheme): SigningMaterial {
  return scheme === 'v1a' ? newSigningKeyPair() : { secret: newSigningSecret(), publicKey: null };
}

export const secretContext = (orgId: string, id: string): string => `webhook_secret:${orgId}:${id}`;

/** Stores one signing secret of an endpoint, sealed and bound to its row. */
export async function storeSecret({ trx, actor, clock, vault }: TenantContext, endpointId: string, secret: string): Promise<void> {
  const id = newId(clock);
  await trx('webhook_secrets').insert({
    org_id: actor.orgId,
    id,
    endpoint_id: endpointId,
    sealed: vault.seal(secret, secretContext(actor.orgId, id)),
    created_at: clock.now(),
  });
}

/** One row of webhook_secrets. `expires_at` is set once the secret was replaced. */
export interface StoredSecret {
  id: string;
  sealed: Buffer;
  expires_at: Date | null;
}

/** All secrets of an endpoint, newest first, also those that sign no more and are not erased yet. */
export async function storedSecrets(trx: Transaction, orgId: string, endpointId: string): Promise<StoredSecret[]> {
  const rows = trx('webhook_secrets').where({ org_id: orgId, endpoint_id: endpointId }).orderBy('id', 'desc');
  return rows.select<StoredSecret[]>('id', 'sealed', 'expires_at');
}

/** The `whpk_…` half of a stored `whsk_…` key: its second 32 bytes. */
export function publicKeyOf(vault: Vault, orgId: string, { id, sealed }: StoredSecret): string {
  const pair = vault.open(sealed, secretContext(orgId, id)).toString('utf8').slice('whsk_'.length);
  return `whpk_${Buffer.from(pair, 'base64').subarray(32).toString('base64')}`;
}

/** The secrets that sign at `now`, newest first: several while a rotation overlaps. */
export async function openSecrets(trx: Transaction, vault: Vault, orgId: string, endpointId: string, now: Date): Promise<string[]> {
  return (await openSecretsOf(trx, { vault, orgId, endpointIds: [endpointId], now })).get(endpointId) ?? [];
}

const VALID_SECRETS = `SELECT id, endpoint_id AS "endpointId", sealed FROM webhook_secrets
  WHERE org_id = $1 AND endpoint_id = ANY($2::uuid[]) AND (expires_at IS NULL OR expires_at > $3) ORDER BY id DESC`;

/** The same for many endpoints of one organization, by endpoint. */
export async function openSecretsOf(
  trx: Transaction,
  { vault, orgId, endpointIds, now }: { vault: Vault; orgId: string; endpointIds: string[]; now: Date },
): Promise<Map<string, string[]>> {
  type Row = { id: string; endpointId: string; sealed: Buffer };
  const { rows } = await prepared<Row>(trx, 'valid-secrets', VALID_SECRETS, [orgId, uuidArray(endpointIds), now]);
  const secrets = new Map<string, string[]>();
  for (const { id, endpointId, sealed } of rows)
    secrets.set(endpointId, [...(secrets.get(endpointId) ?? []), vault.open(sealed, secretContext(orgId, id)).toString('utf8')]);
  return secrets;
}
