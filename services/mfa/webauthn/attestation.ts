import type { AttestationObject } from '@simplewebauthn/server/helpers';

/**
 * Whether a credential is attested by nobody but its own key: what a browser returns when no attestation is asked for (WebAuthn 5.1.3).
 * Certificates are not even looked at: whoever verifies them also follows the addresses in them.
 */
export function isSelfAttested(attestation: AttestationObject): boolean {
  const format = attestation.get('fmt');
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}
