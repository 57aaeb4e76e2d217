import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeBase64 } from './decodeBase64.ts';
import { WebhookVerificationError } from './WebhookVerificationError.ts';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** `whsec_` and base64 of 24 to 64 bytes. Throws `invalid_key`. */
export function readSecret(text: string): KeyObject {
  const bytes = bytesAfter('whsec_', text);
  if (bytes.length < 24 || bytes.length > 64) throw refused(`A whsec_ secret has 24 to 64 bytes, not ${bytes.length}`);
  return createSecretKey(bytes);
}

/** `whpk_` and base64 of 32 bytes; of a `whsk_` pair only the public half is kept. Throws `invalid_key`. */
export function readPublicKey(text: string): KeyObject {
  if (text.startsWith('whsk_')) return publicHalf(bytesAfter('whsk_', text));
  const bytes = bytesAfter('whpk_', text);
  if (bytes.length !== 32) throw refused(`A whpk_ key has 32 bytes, not ${bytes.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_ED25519, bytes]), format: 'der', type: 'spki' });
}

function publicHalf(bytes: Buffer): KeyObject {
  if (bytes.length !== 64) throw refused(`A whsk_ pair has 64 bytes (seed and public key), not ${bytes.length}`);
  const seed = Buffer.concat([PKCS8_ED25519, bytes.subarray(0, 32)]);
  const publicKey = createPublicKey(createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' }));
  const half = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
  if (!half.equals(bytes.subarray(32))) throw refused('The public half of the whsk_ pair does not belong to its seed');
  return publicKey;
}

function bytesAfter(prefix: string, text: string): Buffer {
  if (!text.startsWith(prefix)) throw refused(`The key must begin with ${prefix}`);
  const bytes = decodeBase64(text.slice(prefix.length));
  if (bytes === null) throw refused(`What follows ${prefix} must be padded base64`);
  return bytes;
}

const refused = (message: string): WebhookVerificationError => new WebhookVerificationError('invalid_key', message);
