import { hash, randomBytes } from 'node:crypto';
import { parse, stringify } from 'uuid';

const USER_BYTES = 16;
const SECRET_BYTES = 32;

/** Opaque tokens that we hand out: what they are for, and whose they are. */
export type SecretTokenKind = 'rt' | 'vt' | 'pt' | 'ct';

export interface SecretToken {
  /** What its holder shows; never stored. */
  text: string;
  /** What is stored: SHA-256, because 256 random bits need nothing slower. */
  digest: Buffer;
}

/**
 * A token of one person: `<kind>_` and base64url of the user's id and 32 random bytes. It names the person, so that it is looked for in that
 * person's rows and nobody's else.
 */
export function newSecretToken(kind: SecretTokenKind, userId: string): SecretToken {
  const text = `${kind}_${Buffer.concat([parse(userId), randomBytes(SECRET_BYTES)]).toString('base64url')}`;
  return { text, digest: digestOf(text) };
}

/** Whose token this says it is (uuid), and its digest; null when it is no token of that kind. */
export function readSecretToken(kind: SecretTokenKind, text: string): { userId: string; digest: Buffer } | null {
  const prefix = `${kind}_`;
  if (!text.startsWith(prefix)) return null;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
  if (bytes.length !== USER_BYTES + SECRET_BYTES || bytes.toString('base64url') !== text.slice(prefix.length)) return null;
  try {
    return { userId: stringify(bytes.subarray(0, USER_BYTES)), digest: digestOf(text) };
  } catch {
    // 16 bytes that are no UUID.
    return null;
  }
}

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');
