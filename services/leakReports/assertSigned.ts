import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '../errors/AppError.ts';

/** The clocks of a reporter and of this machine may differ by so much, and a report may be under way for so long. */
export const WINDOW_SECONDS = 300;

/** A report as it came: the headers, and the body byte by byte. */
export interface SignedReport {
  reporter: string | undefined;
  /** Seconds since 1970. */
  timestamp: string | undefined;
  /** base64: ECDSA with SHA-256 in DER as GitHub's secret scanning signs, or Ed25519. */
  signature: string | undefined;
  body: Buffer;
}

/**
 * Makes sure that a reporter whose public key is known signed `<timestamp>.<body>`, just now; returns the reporter's id.
 * Throws report_signature_invalid, always the same: who may report is nobody's business.
 */
export function assertSigned(
  keys: ReadonlyMap<string, KeyObject>,
  { reporter, timestamp, signature, body }: SignedReport,
  now: Date,
): string {
  const key = keys.get(reporter ?? '');
  const isFresh = /^\d{1,12}$/.test(timestamp ?? '') && Math.abs(now.getTime() / 1_000 - Number(timestamp)) <= WINDOW_SECONDS;
  if (!key || !isFresh || signature === undefined || reporter === undefined) throw refused();
  const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body]);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  if (!verify(algorithm, signed, key, Buffer.from(signature, 'base64'))) throw refused();
  return reporter;
}

const refused = (): AppError => new AppError('report_signature_invalid');
