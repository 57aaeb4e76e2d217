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
    return canonicalize(value);
  } catch (cause) {
    throw new NotCanonicalError(cause instanceof Error ? cause.message : 'The value has no JSON form', { cause });
  }
}
