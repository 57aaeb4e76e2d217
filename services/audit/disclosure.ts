import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { storableJson } from './canonicalJson.ts';

const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES;

/** What one subject's disclosures need: its public reference, and its key in two roles. */
export interface SubjectKey {
  /** base64url HMAC of the subject under the organization's index key; says nothing without that key. */
  ref: string;
  /** Makes salts. */
  saltKey: KeyObject;
  /** Encrypts the disclosures of the entries of one epoch. */
  sealKeyOf(epoch: string): KeyObject;
}

/** A personal part of an entry: `digest` goes into the leaf, `sealed` beside it, to be deleted on erasure. */
export interface Disclosure {
  path: string;
  subjectRef: string;
  digest: string;
  sealed: Buffer;
}

/** `key`: the 32 random bytes of one subject of one organization. */
export function subjectKey(ref: string, key: Buffer): SubjectKey {
  let latest: { epoch: string; key: KeyObject } | undefined;
  return {
    ref,
    saltKey: createSecretKey(key),
    sealKeyOf(epoch) {
      if (latest?.epoch === epoch) return latest.key;
      latest = { epoch, key: createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `audit disclosure ${epoch}`, 32))) };
      return latest.key;
    },
  };
}

/**
 * Commits to `value` as an SD-JWT disclosure (RFC 9901): base64url of the canonical JSON `[salt, path, value]`.
 * salt = HMAC-SHA-256(subject key, entry id (16 bytes) ‖ path), cut to 128 bits. `entryId` is a uuid. Throws NotCanonicalError.
 * Sealed: version (1 byte) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag, bound to entry and path. The nonce is the start of the
 * digest, so it repeats only with the same plaintext, and a key serves one epoch of 65 s, far below what one key can bear.
 */
export function discloseSealed(key: SubjectKey, entryId: string, path: string, value: unknown): Disclosure {
  const place = placeOf(entryId, path);
  const salt = createHmac('sha256', key.saltKey).update(place).digest().toString('base64url', 0, SALT_BYTES);
  const encoded = encodeDisclosure(storableJson([salt, path, value]));
  const digest = digestOf(encoded);
  const header = Buffer.alloc(HEADER_BYTES, VERSION);
  header.write(digest.slice(0, (NONCE_BYTES / 3) * 4), 1, 'base64url');
  const cipher = createCipheriv('aes-256-gcm', key.sealKeyOf(epochOf(entryId)), header.subarray(1)).setAAD(place);
  const sealed = Buffer.concat([header, cipher.update(encoded, 'ascii'), cipher.final(), cipher.getAuthTag()]);
  return { path, subjectRef: key.ref, digest, sealed };
}

/** The encoded disclosure as it was committed to. Throws when the key, the entry, the path or a bit differs. */
export function openDisclosure(key: SubjectKey, entryId: string, path: string, sealed: Buffer): string {
  if (sealed[0] !== VERSION)
    throw new Error(`The sealed disclosure has version ${sealed[0] ?? 'none'}; this release reads version ${VERSION}`);
  if (sealed.length < HEADER_BYTES + TAG_BYTES) throw new Error('The sealed disclosure is cut off');
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key.sealKeyOf(epochOf(entryId)), sealed.subarray(1, HEADER_BYTES), options);
  decipher.setAAD(placeOf(entryId, path)).setAuthTag(sealed.subarray(-TAG_BYTES));
  return decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES), undefined, 'ascii') + decipher.final('ascii');
}

/** base64url of the JSON text of a disclosure. */
export const encodeDisclosure = (json: string): string => Buffer.from(json, 'utf8').toString('base64url');

/** base64url SHA-256 of an encoded disclosure as received: it is never decoded and written again first (RFC 9901 section 4.2.3). */
export const digestOf = (encoded: string): string => hash('sha256', encoded, 'base64url');

/** `[salt, path, value]` or, for an array element, `[salt, value]`. Throws SyntaxError. */
export const decodeDisclosure = (encoded: string): unknown[] => JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as unknown[];

const placeOf = (entryId: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(entryId.replaceAll('-', ''), 'hex'), Buffer.from(path, 'utf8')]);

/** The upper 32 bits of the id's time in milliseconds: a new epoch every 65.536 s. */
const epochOf = (entryId: string): string => entryId.slice(0, 8);
