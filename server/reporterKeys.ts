import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Public keys of those who may report leaked API keys, by the id that they send. */
export type ReporterKeys = ReadonlyMap<string, KeyObject>;

/** Reads `<id>:<base64 of the public key, SPKI DER>`, several separated by commas: ECDSA on P-256, or Ed25519. Null when one cannot be read. */
export function readReporterKeys(text: string): ReporterKeys | null {
  const keys = new Map<string, KeyObject>();
  for (const entry of text.split(',')) {
    const [, id, encoded] = /^\s*([\w.-]{1,100}):([A-Za-z0-9+/]+={0,2})\s*$/.exec(entry) ?? [];
    const key = encoded === undefined ? null : publicKeyOf(Buffer.from(encoded, 'base64'));
    if (id === undefined || key === null || keys.has(id)) return null;
    keys.set(id, key);
  }
  return keys;
}

function publicKeyOf(der: Buffer): KeyObject | null {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}
