import type { Transaction } from 'objection';
import { VaultError } from '../crypto/vault.ts';
import type { MasterVault, Vault } from '../crypto/vault.ts';
import { isLastChunk, readChunk } from './readChunk.ts';
import type { ChunkQuery } from './readChunk.ts';
import { replaceSealed } from './replaceSealed.ts';
import type { Replacement } from './replaceSealed.ts';

export interface VaultDeps {
  vault: MasterVault;
}

export interface ResealedChunk {
  looked: number;
  /** Primary key of the last row; null when the column is through. */
  last: string[] | null;
  /** Readable, and under another key than the one that is to remain, when this chunk was read. */
  outdated: number;
  resealed: number;
  /** Altered, or under a key that ENCRYPTION_KEYS does not hold: left as they are. */
  unreadable: number;
  /** Keys of the rows that were to be sealed again. */
  renewed: Record<string, string>[];
}

/** Looks at the next rows of one column and seals again what is outdated, all in one transaction of artisan_system. Safe to repeat. */
export async function resealNext(trx: Transaction, deps: VaultDeps, query: ChunkQuery): Promise<ResealedChunk> {
  const rows = await readChunk(trx, query);
  const replacements: Replacement[] = [];
  let unreadable = 0;
  for (const row of rows) {
    if (row.sealed === null) continue;
    const vault = await vaultFor(trx, deps, row.orgId);
    const context = query.column.context(row.key);
    const plaintext = opened(vault, row.sealed, context);
    if (plaintext === null) unreadable += 1;
    else if (row.outdated) replacements.push({ key: row.key, before: row.sealed, after: vault.seal(plaintext, context) });
  }
  const resealed = await replaceSealed(trx, query.column, replacements);
  const last = isLastChunk(rows) ? null : Object.values(rows.at(-1)!.key);
  return { looked: rows.length, last, outdated: replacements.length, resealed, unreadable, renewed: replacements.map(({ key }) => key) };
}

function vaultFor(trx: Transaction, { vault }: VaultDeps, orgId: string | null): Vault | Promise<Vault> {
  return orgId === null ? vault : (vault.cached(orgId) ?? vault.of(trx, orgId));
}

function opened(vault: Vault, sealed: Buffer, context: string): Buffer | null {
  try {
    return vault.open(sealed, context);
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}
