import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { NONCE_BYTES, xaesOpen, xaesSeal } from './xaesGcm.ts';

const VERSION = 1;
const KEY_BYTES = 32;

/** Seals secrets at rest under the master keys. Safe to share; holds no state but the keys. */
export interface Vault {
  /** Encrypts under the newest key. `context` (such as `webhook_secret:<org uuid>:<row uuid>`) must be given again to open. */
  seal(plaintext: Buffer | string, context: string): Buffer;
  /** Decrypts with whichever key sealed it. Throws VaultError. */
  open(sealed: Buffer, context: string): Buffer;
  /** 32 bytes for one purpose, from the oldest key, so that adding a newer key does not change them. */
  derive(purpose: string): Buffer;
  /** Id of the key that seals. */
  currentKeyId: string;
  /** Id of the key that sealed this, for re-encryption after a rotation. Throws VaultError. */
  keyIdOf(sealed: Buffer): string;
}

/** An envelope that cannot be opened. Never the caller's fault, so it is no AppError; the message holds no secret. */
export class VaultError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VaultError';
  }
}

interface Envelope {
  keyId: string;
  header: Buffer;
  nonce: Buffer;
  sealed: Buffer;
}

/**
 * `encryptionKeys` as in ENCRYPTION_KEYS: `<id>:<base64 of 32 bytes>`, several separated by commas, the newest first.
 * Envelope: version (1 byte) ‖ length of the key id (1) ‖ key id ‖ nonce (24) ‖ XAES-256-GCM ciphertext and tag.
 * Authenticated with it: version, key id and context.
 */
export function createVault(encryptionKeys: string): Vault {
  const keys = parseKeys(encryptionKeys);
  const [currentKeyId, currentKey] = [...keys][0]!;
  const oldestKey = [...keys.values()].at(-1)!;
  const currentHeader = headerOf(currentKeyId);
  return {
    currentKeyId,
    seal(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
      return Buffer.concat([currentHeader, nonce, xaesSeal(currentKey, nonce, bytes, associated(currentHeader, context))]);
    },
    open(sealed, context) {
      const envelope = parseEnvelope(sealed);
      const key = keys.get(envelope.keyId);
      if (!key) throw new VaultError(`Sealed with key "${envelope.keyId}", which ENCRYPTION_KEYS does not hold; add it back to the list`);
      try {
        return xaesOpen(key, envelope.nonce, envelope.sealed, associated(envelope.header, context));
      } catch (cause) {
        throw new VaultError(`Sealed with key "${envelope.keyId}", but altered, or opened in another context`, { cause });
      }
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', oldestKey, 'artisan-platform', purpose, KEY_BYTES)),
    keyIdOf: (sealed) => parseEnvelope(sealed).keyId,
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

const headerOf = (keyId: string): Buffer => Buffer.concat([Buffer.from([VERSION, keyId.length]), Buffer.from(keyId, 'ascii')]);

const associated = (header: Buffer, context: string): Buffer => Buffer.concat([header, Buffer.from(context, 'utf8')]);

function parseEnvelope(sealed: Buffer): Envelope {
  if (sealed[0] !== VERSION) throw new VaultError(`The envelope has version ${sealed[0] ?? 'none'}; this release reads version ${VERSION}`);
  const headerBytes = 2 + (sealed[1] ?? 0);
  if (sealed.length < headerBytes + NONCE_BYTES) throw new VaultError('The envelope is cut off');
  return {
    keyId: sealed.toString('ascii', 2, headerBytes),
    header: sealed.subarray(0, headerBytes),
    nonce: sealed.subarray(headerBytes, headerBytes + NONCE_BYTES),
    sealed: sealed.subarray(headerBytes + NONCE_BYTES),
  };
}
