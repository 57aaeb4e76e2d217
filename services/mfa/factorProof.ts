/** A second factor that was proven: which one, and what it adds to the session's `amr` (RFC 8176; `recovery_code` is ours). */
export interface FactorProof {
  factor: 'totp' | 'webauthn' | 'recovery_code';
  amr: readonly string[];
}

/** FactorProof of a key that signs for one origin only: `hwk` never leaves its authenticator, `swk` may be synced. Nothing of it can be typed into a false page. */
export const PHISHING_RESISTANT: ReadonlySet<string> = new Set(['hwk', 'swk']);
