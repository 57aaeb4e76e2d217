import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Sender } from '../../db/prepared.ts';
import { goodFor } from '../goodFor.ts';
import { readOrCreateDataKeys } from './dataKeys.ts';
import type { DataKey } from './dataKeys.ts';
import { headerOf, openUnder, parseEnvelope, sealUnder, VaultError } from './envelope.ts';
import type { MasterKeys, Vault } from './vault.ts';

const CACHED_ORGANIZATIONS = 10_000;

/** The vaults of the organizations, each under data keys of its own, which rest wrapped by the master key (ADR 0071). */
export interface OrganizationVaults {
  /**
   * The vault of an organization (uuid). When it is cached no statement is made; else its data keys are read in the transaction of `sender`,
   * which must be fenced to it, and the first one is made. Throws VaultError when a master key is missing.
   */
  of(sender: Sender, orgId: string): Promise<Vault>;
  /** For who must send a statement without waiting. */
  cached(orgId: string): Vault | undefined;
  /** Its keys changed. */
  forget(orgId: string): void;
  forgetAll(): void;
}

/** `ttlMs`: how long a process may go on with the keys that it read; a rotation waits for that. */
export function createOrganizationVaults(master: MasterKeys, { ttlMs }: { ttlMs: number }): OrganizationVaults {
  const cache = new LRUCache<string, Vault>({ max: CACHED_ORGANIZATIONS, ...goodFor(ttlMs) });
  return {
    cached: (orgId) => cache.get(orgId),
    forget: (orgId) => void cache.delete(orgId),
    forgetAll: () => cache.clear(),
    async of(sender, orgId) {
      const known = cache.get(orgId);
      if (known) return known;
      const keys = await readOrCreateDataKeys(sender, master, orgId);
      const vault = vaultOf(master, keys);
      if (keys.length > 0 && keys.every(({ committed }) => committed)) cache.set(orgId, vault);
      return vault;
    },
  };
}

/** Without keys it opens what the master key sealed, and seals nothing: the organization is gone, or its row is not written yet. */
function vaultOf(master: MasterKeys, keys: DataKey[]): Vault {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const active = keys.find(({ state }) => state === 'active');
  const currentHeader = active ? headerOf({ kind: 'data', id: active.id }) : Buffer.alloc(0);
  return {
    currentKeyId: active?.id ?? '',
    currentHeader,
    seal(plaintext, context) {
      if (!active)
        throw new VaultError('No data key: the organization has no row, or had none when this vault was opened. Ask for it again.');
      return sealUnder(active.key, currentHeader, plaintext, context);
    },
    open: (sealed, context) => openWith(byId, master, sealed, context),
    keyIdOf: (sealed) => parseEnvelope(sealed).key.id,
  };
}

/** What the master key sealed before there were data keys stays readable. */
function openWith(keys: Map<string, KeyObject>, master: MasterKeys, sealed: Buffer, context: string): Buffer {
  const envelope = parseEnvelope(sealed);
  if (envelope.key.kind === 'master') return master.open(sealed, context);
  const key = keys.get(envelope.key.id);
  if (!key) throw new VaultError(`Sealed with the data key ${envelope.key.id}, which the organization does not have`);
  return openUnder(key, envelope, context);
}
