/** The WebAuthn package, loaded when it is first needed: it takes 27 MB, for the certificates of attestations above all. */
export async function webauthnLibrary() {
  const [library, { decodeAttestationObject }] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ]);
  return { ...library, decodeAttestationObject };
}
