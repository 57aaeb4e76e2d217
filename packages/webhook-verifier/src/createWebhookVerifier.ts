import { types } from 'node:util';
import { matchesSignature } from './matchesSignature.ts';
import { readHeader } from './readHeader.ts';
import type { WebhookHeaders } from './readHeader.ts';
import { readPublicKey, readSecret } from './readKey.ts';
import { WebhookVerificationError } from './WebhookVerificationError.ts';

const DEFAULT_TOLERANCE_SECONDS = 300;

/** At least one key. Several of a kind are for the time of a rotation: one that matches is enough. */
export interface WebhookVerifierOptions {
  /** `whsec_…`: for endpoints with `v1` signatures. */
  secrets?: readonly string[];
  /** `whpk_…`: for endpoints with `v1a` signatures. */
  publicKeys?: readonly string[];
  /** How far `webhook-timestamp` may be off, to either side. 300 when absent. */
  toleranceSeconds?: number;
  /** The time, in milliseconds. `Date.now` when absent. */
  now?: () => number;
}

/** What is known of a request once it is verified. */
export interface VerifiedWebhook {
  /** `webhook-id`: the same at every attempt, so remember it to drop repeats. */
  id: string;
  /** `webhook-timestamp`: when this attempt was made. */
  timestamp: Date;
}

export interface WebhookVerifier {
  /** Throws a WebhookVerificationError unless the headers hold a good signature of exactly these bytes. Text counts as UTF-8. */
  verify(headers: WebhookHeaders, rawBody: string | Uint8Array): VerifiedWebhook;
}

/**
 * A verifier of Standard Webhooks 1.0.0 with its keys read once. Throws a WebhookVerificationError (`invalid_option`, `invalid_key`)
 * when it is not configured well, so that this shows at the start and not with the first request.
 */
export function createWebhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const { secrets = [], publicKeys = [], toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now } = options;
  if (secrets.length + publicKeys.length === 0) throw refused('invalid_option', 'There is no secret and no public key to verify with');
  if (!(Number.isFinite(toleranceSeconds) && toleranceSeconds >= 0)) throw refused('invalid_option', 'toleranceSeconds must be 0 or more');
  const keys = { secrets: secrets.map(readSecret), publicKeys: publicKeys.map(readPublicKey) };
  return {
    verify(headers, rawBody) {
      const id = readId(headers);
      const timestamp = readTimestamp(headers);
      assertRecent(Number(timestamp), now() / 1_000, toleranceSeconds);
      const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'ascii'), bytesOf(rawBody)]);
      if (!matchesSignature(readHeader(headers, 'webhook-signature'), content, keys)) {
        throw refused('signature_mismatch', 'No signature belongs to this id, timestamp and body');
      }
      return { id, timestamp: new Date(Number(timestamp) * 1_000) };
    },
  };
}

/** With a full stop in the id, two messages could have the same signed content. */
function readId(headers: WebhookHeaders): string {
  const id = readHeader(headers, 'webhook-id');
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) throw refused('invalid_id', 'webhook-id must be visible ASCII without a full stop');
  return id;
}

function readTimestamp(headers: WebhookHeaders): string {
  const timestamp = readHeader(headers, 'webhook-timestamp');
  if (!/^(0|[1-9]\d{0,12})$/.test(timestamp)) throw refused('invalid_timestamp', 'webhook-timestamp must be whole Unix seconds');
  return timestamp;
}

/** The bounds count as inside. The clock is read in whole seconds, as the timestamp was. */
function assertRecent(seconds: number, nowSeconds: number, toleranceSeconds: number): void {
  const age = Math.floor(nowSeconds) - seconds;
  if (age > toleranceSeconds) throw refused('timestamp_too_old', `webhook-timestamp is ${age} s old`);
  if (-age > toleranceSeconds) throw refused('timestamp_too_new', `webhook-timestamp is ${-age} s ahead`);
}

function bytesOf(rawBody: unknown): Uint8Array {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  if (types.isUint8Array(rawBody)) return rawBody;
  throw refused('invalid_body', 'Verify the raw body, as text or bytes, before it is parsed');
}

const refused = (code: WebhookVerificationError['code'], message: string): WebhookVerificationError =>
  new WebhookVerificationError(code, message);
