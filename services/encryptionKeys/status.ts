import type { Knex } from 'knex';
import { typeId } from '../../server/ids.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { countSealed } from './countSealed.ts';
import type { SealedCount } from './countSealed.ts';

/** One master key: of ENCRYPTION_KEYS, or one that values still need. */
export interface MasterKeyStatus {
  id: string;
  in_encryption_keys: boolean;
  seals: boolean;
  /** Nothing needs it: it may be taken out of ENCRYPTION_KEYS once every process seals with the first one. */
  removable: boolean;
  /** Values by `table.column`. */
  needed_by: Record<string, number>;
}

export interface EncryptionStatus {
  master_keys: MasterKeyStatus[];
  data_keys: Record<string, number>;
  /** The newest first. */
  rotations: Record<string, unknown>[];
}

const SHOWN_ROTATIONS = 10;

/** What an operator must know before a master key is removed. Reads every sealed value's header. `system`: pool of artisan_system. */
export async function encryptionStatus(system: Knex, vault: MasterVault): Promise<EncryptionStatus> {
  const counts = await countSealed(system);
  const rotations = await newestRotations(system);
  const running = rotations.some(({ outcome }) => outcome === null);
  const states = await system('data_keys')
    .groupBy('state')
    .orderBy('state')
    .select<{ state: string; keys: number }[]>('state', system.raw('count(*) AS keys'));
  const used = counts.flatMap(({ keyId }) => (keyId === null ? [] : [keyId]));
  const ids = [...new Set([...vault.keyIds, ...used])];
  return {
    master_keys: ids.map((id) => masterKeyStatus(vault, id, { counts, running })),
    data_keys: Object.fromEntries(states.map(({ state, keys }) => [state, keys])),
    rotations,
  };
}

function masterKeyStatus(
  vault: MasterVault,
  id: string,
  { counts, running }: { counts: SealedCount[]; running: boolean },
): MasterKeyStatus {
  const needs = counts.filter(({ keyId }) => keyId === id);
  const seals = vault.currentKeyId === id;
  return {
    id,
    in_encryption_keys: vault.keyIds.includes(id),
    seals,
    removable: !seals && !running && needs.length === 0,
    needed_by: Object.fromEntries(needs.map(({ column, values }) => [column, values])),
  };
}

interface RotationRow {
  id: string;
  kind: 'master' | 'data';
  organization_id: string | null;
  key_id: string;
  phase: string;
  pass: number;
  position: { column: string } | null;
  examined: number;
  resealed: number;
  pass_unreadable: number;
  outcome: string | null;
  created_at: Date;
  finished_at: Date | null;
}

async function newestRotations(system: Knex): Promise<Record<string, unknown>[]> {
  const rows = await system('encryption_key_rotations').orderBy('id', 'desc').limit(SHOWN_ROTATIONS).select<RotationRow[]>('*');
  return rows.map((row) => ({
    id: typeId('ekr', row.id),
    kind: row.kind,
    organization: row.organization_id === null ? null : typeId('org', row.organization_id),
    key: row.kind === 'data' ? typeId('dek', row.key_id) : row.key_id,
    phase: row.phase,
    pass: row.pass,
    column: row.position?.column ?? null,
    examined: row.examined,
    resealed: row.resealed,
    unreadable: row.pass_unreadable,
    outcome: row.outcome,
    started_at: row.created_at,
    finished_at: row.finished_at,
  }));
}
