import { isUtf8 } from 'node:buffer';
import { AppError } from '../../services/errors/AppError.ts';
import { findJsonFault } from './jsonFault.ts';

const MAX_DEPTH = 32;
/** A batch of 1,000 events of 1 KiB, with every field that an event can have. */
const MAX_KEYS = 50_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** At least 16 digits, or an exponent of three: only then can a number be one that JavaScript does not hold. Strings may look like it. */
const DOUBTFUL_NUMBER = /[[:,\s]-?(?:\d{16}|[\d.]+[eE]\+?\d{3})/;
// The scans below read the tokens of what is known to be JSON: a reviver takes ten times as long, 0.4 s for a body of 1 MiB.
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(?=(\s*:)?)/g;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** `{` and `[` differ from `}` and `]` by two, as ASCII has it. */
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/**
 * Parses a request body (RFC 8259, UTF-8). Depth and number of keys are counted over the bytes before anything is built,
 * so that no input can exhaust the stack. Of a name that stands twice in an object the last value counts, here and everywhere
 * behind, because only the parsed value is passed on. Throws malformed_json, body_too_complex, validation_failed.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new AppError('malformed_json', { detail: 'The body is not valid UTF-8. Send JSON encoded as UTF-8.' });
  assertSimple(bytes);
  const text = bytes.toString('utf8');
  const value = parse(text);
  if (text.includes('__proto__') || text.includes('\\u005')) assertNoPrototypeKey(text);
  if (DOUBTFUL_NUMBER.test(text)) assertExactNumbers(text);
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
  for (const [token, colon] of text.matchAll(STRING)) {
    if (colon === undefined || JSON.parse(token) !== '__proto__') continue;
    throw new AppError('validation_failed', {
      detail: 'The name "__proto__" is not allowed anywhere in the body.',
      fields: [{ location: 'body', message: 'the name "__proto__" is not allowed' }],
    });
  }
}

/** A number that JSON.parse rounds (2^53 and beyond) or loses (1e400 would be stored as null) is refused, because nobody would notice. */
function assertExactNumbers(text: string): void {
  for (const [token] of text.matchAll(STRING_OR_NUMBER)) {
    if (token.startsWith('"') || isExact(token)) continue;
    const message = `the number ${token.slice(0, 40)} cannot be kept exactly; send it as a string`;
    throw new AppError('validation_failed', { detail: `In the body, ${message}.`, fields: [{ location: 'body', message }] });
  }
}

function isExact(literal: string): boolean {
  const number = Number(literal);
  return Number.isSafeInteger(number) || (Number.isFinite(number) && /[.eE]/.test(literal));
}

const tooComplex = (detail: string): AppError => new AppError('body_too_complex', { detail });
