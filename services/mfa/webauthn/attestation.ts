import { decodeAttestationObject } from '@simplewebauthn/server/helpers';

/**
 * Whether an answer (base64url) is attested by nobody but its own key: what a browser returns when no attestation is asked for (WebAuthn 5.1.3).
 * Certificates are not even looked at: whoever verifies them also follows the addresses in them. Throws for what is no attestation object.
 */
export function isSelfAttested(attestationObject: string): boolean {
  const attestation = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
  const format = attestation.get('fmt');
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}
