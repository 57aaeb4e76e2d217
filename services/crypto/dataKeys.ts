import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { newId } from '../../server/ids.ts';
import type { MasterKeys } from './vault.ts';

const KEY_BYTES = 32;

/**
 * `pending`: published, so that every process can open what it seals before anybody seals with it. `active`: seals; one for each
 * organization. `retired`: opens what is left, and what a backup holds.
 */
export type DataKeyState = 'pending' | 'active' | 'retired';

/** A data key of an organization, unwrapped. */
export interface DataKey {
  id: string;
  key: KeyObject;
  state: DataKeyState;
  /** False when the transaction that reads it wrote it: it may still be rolled back. */
  committed: boolean;
}

/** Binds a wrapped key to its row: moved to another organization, it does not open. */
export const dataKeyContext = (orgId: string, id: string): string => `data_key:${orgId}:${id}`;

/** A new key, wrapped for its row. */
export const newDataKey = (master: MasterKeys, orgId: string): { id: string; wrapped: Buffer } => {
  const id = newId();
  return { id, wrapped: master.seal(randomBytes(KEY_BYTES), dataKeyContext(orgId, id)) };
};

// pg_current_xact_id is that of the whole transaction, inside a savepoint too.
const READ = `SELECT id, wrapped, state, written_in IS DISTINCT FROM pg_current_xact_id_if_assigned() AS committed
  FROM data_keys WHERE org_id = $1`;
// Who loses the race waits for the winner's transaction here, and then reads its key. Nothing is made for an organization that is gone.
const CREATE = `INSERT INTO data_keys (org_id, id, wrapped, state)
  SELECT id, $2, $3, 'active' FROM organizations WHERE id = $1 AND erasure_started_at IS NULL ON CONFLICT DO NOTHING`;

/**
 * The data keys of an organization (uuid); the first one is made when there is none. Empty when there is no such organization.
 * `sender` must be fenced to it, or be artisan_system's. Throws VaultError when a master key is missing.
 */
export async function readOrCreateDataKeys(sender: Sender, master: MasterKeys, orgId: string): Promise<DataKey[]> {
  const stored = await readDataKeys(sender, master, orgId);
  if (stored.some(({ state }) => state === 'active')) return stored;
  const { id, wrapped } = newDataKey(master, orgId);
  await prepared(sender, 'create-data-key', CREATE, [orgId, id, wrapped]);
  return readDataKeys(sender, master, orgId);
}

async function readDataKeys(sender: Sender, master: MasterKeys, orgId: string): Promise<DataKey[]> {
  type Row = { id: string; wrapped: Buffer; state: DataKeyState; committed: boolean };
  const { rows } = await prepared<Row>(sender, 'read-data-keys', READ, [orgId]);
  return rows.map(({ wrapped, ...row }) => ({ ...row, key: createSecretKey(master.open(wrapped, dataKeyContext(orgId, row.id))) }));
}
