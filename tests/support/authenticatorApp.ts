import { Secret, TOTP } from 'otpauth';

/** What an authenticator app shows for this secret (base32) at that moment, by default now. */
export const codeOf = (secret: string, at = new Date()): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() });

/** The code of one step of 30 s. */
export const codeOfStep = (secret: Buffer, step: number): string =>
  new TOTP({ secret: new Secret({ buffer: Uint8Array.from(secret).buffer }) }).generate({ timestamp: step * 30_000 });
