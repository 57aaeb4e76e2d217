import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { parseSigningKey } from './signingKey.ts';
import type { SigningKey } from './signingKey.ts';

/** What is signed: the id (stable over retries), the time of this attempt in whole Unix seconds, and the exact body bytes. */
export interface SignedMessage {
  id: string;
  timestampSeconds: number;
  body: string | Uint8Array;
}

/** A new HMAC secret: `whsec_` and base64 of 32 random bytes. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** A new Ed25519 pair: `whsk_` (seed and public key) to keep, `whpk_` to hand out. */
export function newSigningKeyPair(): { secret: string; publicKey: string } {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(jwk.d!, 'base64url');
  const publicKey = Buffer.from(jwk.x!, 'base64url');
  return { secret: `whsk_${Buffer.concat([seed, publicKey]).toString('base64')}`, publicKey: `whpk_${publicKey.toString('base64')}` };
}

/** `v1,<base64 HMAC-SHA-256>`. Throws when the secret is no `whsec_` secret or the message must not be signed. */
export function signV1(secret: string, message: SignedMessage): string {
  const key = parseSigningKey(secret);
  if (key.scheme !== 'v1') throw new Error('v1 is signed with a whsec_ secret');
  return signWith(key, signedContent(message));
}

/** `v1a,<base64 Ed25519>`. Throws when the secret is no `whsk_` key or the message must not be signed. */
export function signV1a(secret: string, message: SignedMessage): string {
  const key = parseSigningKey(secret);
  if (key.scheme !== 'v1a') throw new Error('v1a is signed with a whsk_ key');
  return signWith(key, signedContent(message));
}

/** The `webhook-signature` header: one signature per secret, so that receivers with the old or the new one both verify. */
export function signatureHeader(secrets: string[], message: SignedMessage): string {
  return createSigner(secrets)(message);
}

/**
 * signatureHeader with the secrets parsed once, for many messages of one endpoint.
 * Standard Webhooks 1.0.0, `spec/standard-webhooks.md`. Throws when there is no secret or one is not valid.
 */
export function createSigner(secrets: string[]): (message: SignedMessage) => string {
  if (secrets.length === 0) throw new Error('There is no secret to sign with');
  const keys = secrets.map(parseSigningKey);
  return (message) => {
    const content = signedContent(message);
    return keys.map((key) => signWith(key, content)).join(' ');
  };
}

function signWith(key: SigningKey, content: Buffer): string {
  if (key.scheme === 'v1') return `v1,${createHmac('sha256', key.secret).update(content).digest('base64')}`;
  if (key.scheme === 'v1a') return `v1a,${sign(null, content, key.privateKey).toString('base64')}`;
  throw new Error('A public key cannot sign');
}

function signedContent({ id, timestampSeconds, body }: SignedMessage): Buffer {
  // A full stop in the id would let two messages have the same signed content; a line break would end the header.
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) throw new Error('The id must be visible ASCII without a full stop');
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0) throw new Error('The timestamp must be whole Unix seconds');
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`, 'ascii'), bytes]);
}
