import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** Steps before and after the present one whose codes count: clocks of telephones differ, and people are slow. */
const WINDOW = 1;
/** What every authenticator app understands; several ignore other values in silence. */
const PARAMETERS = { issuer: 'Artisan Platform', algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS } as const;

/** A new shared secret, 160 random bits as RFC 4226 section 4 recommends. */
export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** The secret as a person types it (base32) and as a QR code carries it (`otpauth://totp/…`). */
export function describeTotp(secret: Buffer, account: string): { secret: string; uri: string } {
  const totp = totpOf(secret, account);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The step (RFC 6238: 30 s since 1970) whose code this is, at most one away from the present; null for any other code. */
export function matchStep(secret: Buffer, code: string, now: Date): number | null {
  if (!/^[0-9]{6}$/.test(code)) return null; // The package compares bytes and throws for six characters that are more.
  const timestamp = now.getTime();
  const delta = totpOf(secret).validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? null : Math.floor(timestamp / 1_000 / PERIOD_SECONDS) + delta;
}

const totpOf = (secret: Buffer, label = ''): TOTP =>
  new TOTP({ ...PARAMETERS, label, secret: new Secret({ buffer: Uint8Array.from(secret).buffer }) });
