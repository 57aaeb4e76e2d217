import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

/**
 * XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived per nonce, so that a random nonce of
 * 24 bytes is safe for 2^80 messages under one key; plain AES-GCM stops being safe at 2^32.
 * `key` 32 bytes (a KeyObject, since Node takes ten times as long with raw bytes), `nonce` 24 bytes, never used twice. Returns ciphertext and tag, 16 bytes longer than the plaintext.
 */
export function xaesSeal(key: KeyObject, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, nonce), nonce.subarray(12));
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or an error of OpenSSL when key, nonce, associated data or a single bit of `sealed` differ. */
export function xaesOpen(key: KeyObject, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer {
  if (sealed.length < TAG_BYTES) throw new Error('The ciphertext is shorter than its tag');
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(key, nonce), nonce.subarray(12), { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
}

/** CMAC of two counter blocks over the first half of the nonce (SP 800-108r1, NIST CMAC with both messages one block long). */
function deriveKey(key: KeyObject, nonce: Uint8Array): KeyObject {
  if (nonce.length !== NONCE_BYTES) throw new Error(`The nonce must have ${NONCE_BYTES} bytes, not ${nonce.length}`);
  const block = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const mask = doubled(block.update(Buffer.alloc(BLOCK_BYTES)));
  const counters = Buffer.alloc(2 * BLOCK_BYTES);
  for (const counter of [1, 2]) {
    const start = (counter - 1) * BLOCK_BYTES;
    counters.set([0, counter, 0x58, 0], start);
    counters.set(nonce.subarray(0, 12), start + 4);
    for (let i = 0; i < BLOCK_BYTES; i += 1) counters[start + i]! ^= mask[i]!;
  }
  return createSecretKey(block.update(counters));
}

function doubled(block: Buffer): Buffer {
  const shifted = Buffer.alloc(BLOCK_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i += 1) shifted[i] = (block[i]! << 1) | ((block[i + 1] ?? 0) >>> 7);
  if (block[0]! & 0x80) shifted[BLOCK_BYTES - 1]! ^= 0x87;
  return shifted;
}
