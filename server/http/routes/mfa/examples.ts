const now = '2026-11-21T09:00:00.000Z';

export const WEBAUTHN_EXAMPLE = {
  id: 'wac_01k0501z00e00800000000003h',
  name: 'Key on the key ring',
  transports: ['usb', 'nfc'],
  synced: false,
  backed_up: false,
  created_at: now,
  last_used_at: null,
};

export const FACTORS_EXAMPLE = {
  totp: { confirmed_at: now },
  webauthn: [WEBAUTHN_EXAMPLE],
  recovery_codes_left: 9,
  session: { amr: ['mfa', 'otp', 'pwd'], mfa_at: now },
  required_by: [
    { organization_id: 'org_01k0501z00e00800000000001h', name: 'Acme', phishing_resistant_only: false, grace_until: null, satisfied: true },
  ],
};

export const TOTP_STARTED_EXAMPLE = {
  secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  otpauth_uri:
    'otpauth://totp/Artisan%20Platform:ada%40acme.example?issuer=Artisan%20Platform&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30',
  expires_at: '2026-11-21T09:10:00.000Z',
};

export const STEPPED_UP_EXAMPLE = {
  access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMDFrMCJ9.c2lnbmF0dXJl',
  token_type: 'Bearer',
  expires_in: 600,
  session: { amr: ['mfa', 'otp', 'pwd'], mfa_at: now },
};

export const RECOVERY_CODES_EXAMPLE = {
  recovery_codes: [
    'k3v9-0x2m-7hqd-sw4f',
    'p8rt-6c1y-b5nz-e9ga',
    '2jmd-w7kx-04hv-qs3t',
    'z6yb-19fp-xn8c-r5ke',
    'h4gw-t2md-7vqa-0js9',
    'c9xe-5k3r-pz1n-yb6f',
    '8qta-j0wh-d4mg-v72s',
    'n5fk-y8pc-3xer-16zb',
    'w1hs-49vd-mq7j-tg0x',
    'e7bz-r6nf-k2yc-95pa',
  ],
};

export const FACTOR_ADDED_EXAMPLE = { ...STEPPED_UP_EXAMPLE, ...RECOVERY_CODES_EXAMPLE };

const rawId = 'dGhlIGlkIG9mIGEgY3JlZGVudGlhbA';
const CLIENT_DATA = 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0';

export const REGISTRATION_OPTIONS_EXAMPLE = {
  rp: { id: 'app.example', name: 'Artisan Platform' },
  user: { id: 'AZgKTnwAcACAAAAAAAAAAQ', name: 'ada@acme.example', displayName: '' },
  challenge: 'kQ2cS0b5m7pX1uZ4vY8wT3rN6jH9fD0aL2eG5iK7oM4',
  pubKeyCredParams: [
    { type: 'public-key', alg: -8 },
    { type: 'public-key', alg: -7 },
    { type: 'public-key', alg: -257 },
  ],
  timeout: 300_000,
  excludeCredentials: [],
  authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
  attestation: 'none',
};

export const REGISTRATION_EXAMPLE = {
  name: 'Key on the key ring',
  credential: {
    id: rawId,
    rawId,
    type: 'public-key',
    response: { clientDataJSON: CLIENT_DATA, attestationObject: 'o2NmbXRkbm9uZQ', transports: ['usb', 'nfc'] },
  },
};

export const AUTHENTICATION_OPTIONS_EXAMPLE = {
  challenge: 'kQ2cS0b5m7pX1uZ4vY8wT3rN6jH9fD0aL2eG5iK7oM4',
  timeout: 300_000,
  rpId: 'app.example',
  allowCredentials: [{ id: rawId, type: 'public-key', transports: ['usb', 'nfc'] }],
  userVerification: 'preferred',
};

export const ASSERTION_EXAMPLE = {
  credential: {
    id: rawId,
    rawId,
    type: 'public-key',
    response: { clientDataJSON: CLIENT_DATA, authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuo', signature: 'MEUCIQDfT7' },
  },
};
