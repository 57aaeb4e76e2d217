import { createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { headerOf, openUnder, parseEnvelope, sealUnder, VaultError } from './envelope.ts';
import { createOrganizationVaults } from './organizationVaults.ts';
import type { OrganizationVaults } from './organizationVaults.ts';

export { VaultError } from './envelope.ts';

const KEY_BYTES = 32;
const DATA_KEYS_FRESH_MS = 30_000;

/** Seals secrets at rest. Safe to share; holds no state but the keys. */
export interface Vault {
  /** Encrypts under the newest key. `context` (such as `webhook_secret:<org uuid>:<row uuid>`) must be given again to open. */
  seal(plaintext: Buffer | string, context: string): Buffer;
  /** Decrypts with whichever key sealed it. Throws VaultError. */
  open(sealed: Buffer, context: string): Buffer;
  /** Id of the key that seals. */
  currentKeyId: string;
  /** What everything begins with that it seals now. */
  currentHeader: Buffer;
  /** Id of the key that sealed this. Throws VaultError. */
  keyIdOf(sealed: Buffer): string;
}

/** Under the master keys themselves. */
export interface MasterKeys extends Vault {
  /** 32 bytes for one purpose, from the oldest key. Only derivedKeys.ts asks, once for each purpose, and stores the answer. */
  derive(purpose: string): Buffer;
  /** Ids of all master keys, the newest first. */
  keyIds: readonly string[];
}

/**
 * The vault of the installation. What belongs to a person or to the installation it seals itself; what belongs to an organization is sealed
 * by the organization's own vault, which `of` opens, and which services find in their TenantContext.
 */
export type MasterVault = MasterKeys & OrganizationVaults;

/**
 * `encryptionKeys` as in ENCRYPTION_KEYS: `<id>:<base64 of 32 bytes>`, several separated by commas, the newest first. `dataKeysFreshMs`: how
 * long this process goes on with an organization's data keys that it read. Throws VaultError.
 */
export function createVault(encryptionKeys: string, { dataKeysFreshMs = DATA_KEYS_FRESH_MS } = {}): MasterVault {
  const master = createMasterKeys(encryptionKeys);
  return { ...master, ...createOrganizationVaults(master, { ttlMs: dataKeysFreshMs }) };
}

function createMasterKeys(encryptionKeys: string): MasterKeys {
  const keys = parseKeys(encryptionKeys);
  const [currentKeyId, currentKey] = [...keys][0]!;
  const oldestKey = [...keys.values()].at(-1)!;
  const currentHeader = headerOf({ kind: 'master', id: currentKeyId });
  return {
    currentKeyId,
    currentHeader,
    keyIds: [...keys.keys()],
    seal: (plaintext, context) => sealUnder(currentKey, currentHeader, plaintext, context),
    open(sealed, context) {
      const envelope = parseEnvelope(sealed);
      const { kind, id } = envelope.key;
      if (kind !== 'master') throw new VaultError(`Sealed with the data key ${id}: the vault of its organization opens it`);
      const key = keys.get(id);
      if (!key) throw new VaultError(`Sealed with key "${id}", which ENCRYPTION_KEYS does not hold; add it back to the list`);
      return openUnder(key, envelope, context);
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', oldestKey, 'artisan-platform', purpose, KEY_BYTES)),
    keyIdOf: (sealed) => parseEnvelope(sealed).key.id,
  };
}

function parseKeys(encryptionKeys: string): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  for (const entry of encryptionKeys.split(',')) {
    const [id, text, ...rest] = entry.split(':');
    const key = Buffer.from(text ?? '', 'base64');
    if (!id || rest.length > 0 || !/^[\w-]{1,255}$/.test(id)) throw new VaultError('A key of ENCRYPTION_KEYS is not "<id>:<base64>"');
    if (key.length !== KEY_BYTES) throw new VaultError(`Key "${id}" of ENCRYPTION_KEYS has ${key.length} bytes instead of ${KEY_BYTES}`);
    if (keys.has(id)) throw new VaultError(`ENCRYPTION_KEYS holds the id "${id}" twice`);
    keys.set(id, createSecretKey(key));
  }
  return keys;
}
