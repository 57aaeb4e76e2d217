import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

export type SigningKey =
  | { scheme: 'v1'; secret: KeyObject }
  | { scheme: 'v1a'; privateKey: KeyObject }
  | { scheme: 'v1a-public'; publicKey: KeyObject };

/**
 * Reads `whsec_` (HMAC secret of 24 to 64 bytes), `whsk_` (Ed25519 seed and its public key) or `whpk_` (public key).
 * Throws an Error that names the rule and never the key.
 */
export function parseSigningKey(text: string): SigningKey {
  const [, kind, encoded] = /^(whsec|whsk|whpk)_(.*)$/s.exec(text) ?? [];
  if (kind === undefined || encoded === undefined) throw new Error('A signing key begins with whsec_, whsk_ or whpk_');
  const bytes = Buffer.from(encoded, 'base64');
  if (encoded === '' || bytes.toString('base64') !== encoded) throw new Error(`What follows ${kind}_ must be padded base64`);
  if (kind === 'whsec') return hmacSecret(bytes);
  return kind === 'whsk' ? privateKeyOf(bytes) : publicKeyOf(bytes);
}

function hmacSecret(bytes: Buffer): SigningKey {
  if (bytes.length < 24 || bytes.length > 64) throw new Error(`A whsec_ secret has 24 to 64 bytes, not ${bytes.length}`);
  return { scheme: 'v1', secret: createSecretKey(bytes) };
}

function privateKeyOf(bytes: Buffer): SigningKey {
  if (bytes.length !== 64) throw new Error(`A whsk_ key has 64 bytes (seed and public key), not ${bytes.length}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, bytes.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
  const publicHalf = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
  if (!publicHalf.equals(bytes.subarray(32))) throw new Error('The public half of the whsk_ key does not belong to its seed');
  return { scheme: 'v1a', privateKey };
}

function publicKeyOf(bytes: Buffer): SigningKey {
  if (bytes.length !== 32) throw new Error(`A whpk_ key has 32 bytes, not ${bytes.length}`);
  return { scheme: 'v1a-public', publicKey: createPublicKey({ key: Buffer.concat([SPKI_ED25519, bytes]), format: 'der', type: 'spki' }) };
}
