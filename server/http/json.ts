import { isUtf8 } from 'node:buffer';
import { AppError } from '../../services/errors/AppError.ts';
import { findJsonFault } from './jsonFault.ts';

const MAX_DEPTH = 32;
const MAX_KEYS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** `{` and `[` differ from `}` and `]` by two, as ASCII has it. */
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/**
 * Parses a request body (RFC 8259, UTF-8). Depth and number of keys are counted over the bytes before anything is built,
 * so that no input can exhaust the stack. Of a name that stands twice in an object the last value counts, here and everywhere
 * behind, because only the parsed value is passed on. Throws malformed_json, body_too_complex.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new AppError('malformed_json', { detail: 'The body is not valid UTF-8. Send JSON encoded as UTF-8.' });
  assertSimple(bytes);
  const text = bytes.toString('utf8');
  const value = parse(text);
  if (text.includes('__proto__') || text.includes('\\u005')) assertNoPrototypeKey(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column, position, message } = findJsonFault(text);
    throw new AppError('malformed_json', { detail: `${message} at line ${line}, column ${column} (position ${position}).` });
  }
}

function assertSimple(bytes: Buffer): void {
  let depth = 0;
  let keys = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH && inString) at += 1;
    else if (byte === QUOTE) inString = !inString;
    else if (inString) continue;
    else if (byte === COLON) keys += 1;
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (depth > MAX_DEPTH) throw tooComplex(`The body is nested more than ${MAX_DEPTH} levels deep (at byte ${at}). Flatten it.`);
    if (keys > MAX_KEYS) throw tooComplex(`The body holds more than ${MAX_KEYS.toLocaleString('en')} keys. Send less in one request.`);
  }
}

/** Its own property here, but the prototype of whatever copies it by assignment. */
function assertNoPrototypeKey(text: string): void {
  JSON.parse(text, (key, value: unknown) => {
    if (key !== '__proto__') return value;
    throw new AppError('validation_failed', {
      detail: 'The name "__proto__" is not allowed anywhere in the body.',
      fields: [{ location: 'body', message: 'the name "__proto__" is not allowed' }],
    });
  });
}

const tooComplex = (detail: string): AppError => new AppError('body_too_complex', { detail });
