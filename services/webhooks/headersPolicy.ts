import { AppError } from '../errors/AppError.ts';
import type { FieldError } from '../errors/AppError.ts';

/** What a read shows in place of each value. Written back it would replace the credential. */
export const MASKED_VALUE = '***';

const MAX_HEADERS = 32;
/** More would not be read. */
const MAX_FAULTS = 50;
const MAX_TOTAL_BYTES = 8 * 1024;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/;

/** Why a header is ours, by name or by prefix. `authorization` is deliberately absent: customers authenticate us with it. */
const REFUSED: readonly { reason: string; names: readonly string[]; prefixes: readonly string[] }[] = [
  {
    reason: 'belongs to the connection (hop-by-hop)',
    names: ['connection', 'keep-alive', 'te', 'trailer', 'trailers', 'transfer-encoding', 'upgrade', 'expect', 'http2-settings', 'via'],
    prefixes: ['proxy-'],
  },
  {
    reason: 'is set by the platform',
    names: ['host', 'user-agent', 'date', 'accept-encoding', 'range', 'traceparent', 'tracestate'],
    prefixes: ['content-', 'webhook-', 'x-artisan-', 'sec-'],
  },
  { reason: 'carries the state of a browser session', names: ['cookie', 'cookie2', 'set-cookie', 'set-cookie2'], prefixes: [] },
  {
    reason: 'claims to be another client',
    names: ['forwarded', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fastly-client-ip'],
    prefixes: ['x-forwarded-', 'x-original-'],
  },
  {
    reason: 'unlocks cloud metadata services',
    names: ['metadata', 'metadata-flavor', 'x-google-metadata-request', 'x-metadata-token'],
    prefixes: ['x-aws-ec2-metadata-'],
  },
];

/**
 * Checks the custom headers of an endpoint: at most 32, together at most 8 KiB, names as in RFC 9110 section 5.1,
 * values in visible ASCII, none of those that the platform or the connection owns.
 * Throws header_not_allowed with every fault, located at `<location>.<name>`.
 */
export function assertHeadersAllowed(headers: Record<string, string>, location = 'body.headers'): void {
  const entries = Object.entries(headers);
  const faults = [...limitFaults(entries, location), ...entries.flatMap(([name, value]) => headerFaults(name, value, location))];
  const seen = new Set<string>();
  for (const [name] of entries) {
    const lower = name.toLowerCase();
    if (seen.has(lower))
      faults.push({ location: `${location}.${name}`, message: 'The header is given twice; names ignore upper and lower case.' });
    seen.add(lower);
  }
  if (faults.length > 0) throw new AppError('header_not_allowed', { detail: faults[0]!.message, fields: faults.slice(0, MAX_FAULTS) });
}

function limitFaults(entries: [string, string][], location: string): FieldError[] {
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  const faults: FieldError[] = [];
  if (entries.length > MAX_HEADERS) faults.push({ location, message: `There may be at most ${MAX_HEADERS} custom headers.` });
  if (bytes > MAX_TOTAL_BYTES) faults.push({ location, message: `Names and values together may have at most ${MAX_TOTAL_BYTES} bytes.` });
  return faults;
}

function headerFaults(name: string, value: string, location: string): FieldError[] {
  const at = `${location}.${name}`;
  if (!TOKEN.test(name)) return [{ location: at, message: "A header name consists of letters, digits and !#$%&'*+-.^_`|~ only." }];
  const refusal = refusalOf(name.toLowerCase());
  if (refusal) return [{ location: at, message: `The header ${name} ${refusal} and cannot be set.` }];
  if (value === MASKED_VALUE)
    return [
      {
        location: at,
        message: `${MASKED_VALUE} only stands for the value of ${name}: send the value itself, or leave headers out to keep them.`,
      },
    ];
  if (VALUE.test(value)) return [];
  return [{ location: at, message: `The value of ${name} must be visible ASCII, without line breaks or spaces at its ends.` }];
}

function refusalOf(name: string): string | undefined {
  return REFUSED.find(({ names, prefixes }) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)))?.reason;
}
