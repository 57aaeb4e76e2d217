import canonicalize from 'canonicalize';

/** A value that has no canonical form: the reason is in the message, the value is not. */
export class NotCanonicalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotCanonicalError';
  }
}

const NUL_ESCAPE = /(?<!\\)(?:\\\\)*\\u0000/;

/**
 * RFC 8785 (JCS) text of a JSON value. No Unicode normalisation.
 * Throws NotCanonicalError for unpaired surrogates, numbers that are not finite, cycles and undefined.
 */
export function canonicalJson(value: unknown): string {
  const text = serialize(value);
  if (text === undefined) throw new NotCanonicalError('The value has no JSON form');
  return text;
}

/** canonicalJson without U+0000, which text and jsonb of Postgres cannot hold: what is committed to must also be storable. */
export function storableJson(value: unknown): string {
  const text = canonicalJson(value);
  if (text.includes('\\u0000') && NUL_ESCAPE.test(text)) throw new NotCanonicalError('Text must not contain U+0000');
  return text;
}

function serialize(value: unknown): string | undefined {
  try {
    // The platform's own method writes the same text when nothing has to be put in order, many times faster than the library.
    return isOrdered(value, 0) ? JSON.stringify(value) : canonicalize(value);
  } catch (cause) {
    throw new NotCanonicalError(cause instanceof Error ? cause.message : 'The value has no JSON form', { cause });
  }
}

/** What is nested deeper is left to the library, cycles too. */
const MAX_DEPTH = 16;

/**
 * True when RFC 8785 and JSON.stringify agree on the text: plain objects whose keys stand in the order of UTF-16 code units,
 * finite numbers, whole surrogate pairs. Where it is false the library decides, or refuses.
 */
function isOrdered(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return true;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isOrdered(item, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false;
  let last = '';
  for (const key of Object.keys(value)) {
    if (key < last || !key.isWellFormed() || !isOrdered((value as Record<string, unknown>)[key], depth + 1)) return false;
    last = key;
  }
  return true;
}
