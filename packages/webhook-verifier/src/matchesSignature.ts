import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeBase64 } from './decodeBase64.ts';
import { WebhookVerificationError } from './WebhookVerificationError.ts';

/** Each costs an HMAC comparison or an Ed25519 verification for each key: a request must not choose how many. */
const MAX_SIGNATURES = 32;
const BYTES = { v1: 32, v1a: 64 } as const;

/** What to verify with. */
export interface Keys {
  secrets: readonly KeyObject[];
  publicKeys: readonly KeyObject[];
}

/**
 * Whether one signature of the header (`v1,<base64> v1a,<base64> …`) belongs to the content. Other schemes are passed over.
 * Throws `no_usable_signature` or `too_many_signatures`.
 */
export function matchesSignature(header: string, content: Buffer, { secrets, publicKeys }: Keys): boolean {
  const entries = header.split(' ').filter((entry) => entry !== '');
  if (entries.length > MAX_SIGNATURES) {
    throw new WebhookVerificationError('too_many_signatures', `The header webhook-signature has more than ${MAX_SIGNATURES} signatures`);
  }
  const v1 = secrets.length === 0 ? [] : signaturesOf('v1', entries);
  const v1a = publicKeys.length === 0 ? [] : signaturesOf('v1a', entries);
  if (v1.length + v1a.length === 0) {
    throw new WebhookVerificationError('no_usable_signature', 'There is no well-formed signature of a scheme that has a key here');
  }
  const expected = v1.length === 0 ? [] : secrets.map((secret) => createHmac('sha256', secret).update(content).digest());
  return (
    v1.some((given) => expected.some((each) => timingSafeEqual(given, each))) ||
    v1a.some((given) => publicKeys.some((key) => verify(null, content, key, given)))
  );
}

function signaturesOf(scheme: 'v1' | 'v1a', entries: readonly string[]): Buffer[] {
  const prefix = `${scheme},`;
  const texts = entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  return texts.map(decodeBase64).filter((bytes) => bytes !== null && bytes.length === BYTES[scheme]) as Buffer[];
}
