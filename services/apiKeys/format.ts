import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_ID_LENGTH = 16;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SHAPE = new RegExp(
  `^sk_(live|test)_([0-9A-Za-z]{${KEY_ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** Stored beside each digest, so that the way of digesting can change while old keys go on working. */
export const API_KEY_HASH_VERSION = 1;

export type ApiKeyEnv = 'live' | 'test';

/** `key` is shown once; `keyId` is public and finds the row; `secret` (256 bits) is stored only as a digest. */
export interface NewApiKey {
  key: string;
  keyId: string;
  secret: string;
  last4: string;
}

export interface ParsedApiKey {
  env: ApiKeyEnv;
  keyId: string;
  secret: string;
}

/** A new key: `sk_live_<key id, 16>_<secret, 43><CRC-32 of all before it, 6>`, every part base62 and of fixed length. */
export function newApiKey(env: ApiKeyEnv): NewApiKey {
  const keyId = randomBase62(KEY_ID_LENGTH);
  const secret = randomBase62(SECRET_LENGTH);
  const body = `sk_${env}_${keyId}_${secret}`;
  const key = body + checksum(body);
  return { key, keyId, secret, last4: key.slice(-4) };
}

/**
 * The parts of a key, or null when the text is malformed or its checksum is broken. Never throws.
 * The checksum finds typing errors and fakes without a look into the database; it authenticates nobody.
 */
export function parseApiKey(text: string): ParsedApiKey | null {
  const match = SHAPE.exec(text);
  if (!match) return null;
  const [, env, keyId, secret, given] = match;
  if (checksum(text.slice(0, -CHECKSUM_LENGTH)) !== given) return null;
  return { env: env as ApiKeyEnv, keyId: keyId!, secret: secret! };
}

/** The pepper as a key, for who digests often. */
export const pepperKey = (pepper: string): KeyObject => createSecretKey(pepper, 'utf8');

/** HMAC-SHA-256, 32 bytes. A slow hash would add nothing: the secret has 256 random bits. */
export function digestApiKey(pepper: string | KeyObject, secret: string): Buffer {
  const key = typeof pepper === 'string' ? pepperKey(pepper) : pepper;
  return createHmac('sha256', key).update(secret, 'utf8').digest();
}

/** Compares two digests in constant time; false for another length. */
export function matchesDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i += 1) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Bytes from 248 up are thrown away: 256 is no multiple of 62, so a plain remainder would favour the first digits. */
function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]!;
    }
  }
  return text;
}
