import { hash } from 'node:crypto';
import { NotCanonicalError, storableJson } from './canonicalJson.ts';

/** C2SP tlog-tiles entry bundles carry the length of an entry in 16 bits. */
export const MAX_LEAF_BYTES = 65_535;
const LEAF_PREFIX = Buffer.from([0]);

/** Bytes that are hashed and kept: canonical JSON whose numbers are safe integers. Throws NotCanonicalError. */
export function leafData(leaf: object): Buffer {
  assertWholeNumbers(leaf);
  const data = Buffer.from(storableJson(leaf), 'utf8');
  if (data.length > MAX_LEAF_BYTES) throw new NotCanonicalError(`The leaf has ${data.length} bytes; at most ${MAX_LEAF_BYTES} are allowed`);
  return data;
}

/** RFC 6962 section 2.1: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, data]), 'buffer');
}

/** Fractions and integers beyond 2^53-1 are spelled differently by different languages; a verifier must not depend on that. */
function assertWholeNumbers(value: unknown): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new NotCanonicalError('A leaf holds whole numbers only');
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(assertWholeNumbers);
}
