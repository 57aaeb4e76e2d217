import { z } from 'zod';
import { instant, line, text } from '../../fields.ts';

/** Members are named as W3C names them: what `toJSON()` of a browser gives is sent as it is, and what it needs comes as it takes it. */
const binary = (max: number) =>
  text()
    .min(1, 'must not be empty')
    .max(max, `has at most ${max} characters`)
    .regex(/^[\w-]*$/, 'must be base64url without padding');

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
const MAX_ID = 1_400;
const MAX_CLIENT_DATA = 4_096;
const MAX_ATTESTATION = 32_768;

const envelope = {
  id: binary(MAX_ID).describe('The credential, base64url.'),
  rawId: binary(MAX_ID),
  type: z.literal('public-key'),
};

/** Browsers add members from time to time; those that are not read are dropped. */
const RegistrationResponse = z
  .object({
    ...envelope,
    response: z.object({
      clientDataJSON: binary(MAX_CLIENT_DATA),
      attestationObject: binary(MAX_ATTESTATION),
      transports: z.array(z.string().max(32)).max(16).default([]),
    }),
  })
  .transform((credential) => ({ ...credential, clientExtensionResults: {} }));

const AuthenticationResponse = z
  .object({
    ...envelope,
    response: z.object({
      clientDataJSON: binary(MAX_CLIENT_DATA),
      authenticatorData: binary(MAX_ATTESTATION),
      signature: binary(MAX_ATTESTATION),
    }),
  })
  .transform((credential) => ({ ...credential, clientExtensionResults: {} }));

export const mfaToken = () =>
  text()
    .max(2_048)
    .optional()
    .describe('Of a sign-in that waits for its second factor. Without it the access token says whose factor it is.');

export const WebauthnRegistration = z
  .strictObject({
    name: line(100).describe('What the person calls the authenticator.'),
    credential: RegistrationResponse.describe('What `navigator.credentials.create()` returned, as `toJSON()` gives it.'),
  })
  .meta({ id: 'WebauthnRegistration' });

export const WebauthnChallengeIn = z.strictObject({ mfa_token: mfaToken() }).meta({ id: 'WebauthnChallengeIn' });

export const WebauthnAssertion = z
  .strictObject({
    mfa_token: mfaToken(),
    credential: AuthenticationResponse.describe('What `navigator.credentials.get()` returned, as `toJSON()` gives it.'),
  })
  .meta({ id: 'WebauthnAssertion' });

const Descriptor = z.object({ id: z.string(), type: z.string(), transports: z.array(z.string()).optional() });

export const RegistrationOptions = z
  .object({
    rp: z.object({ id: z.string().optional(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout: z.int().optional(),
    excludeCredentials: z.array(Descriptor).optional(),
    authenticatorSelection: z
      .object({ residentKey: z.string().optional(), requireResidentKey: z.boolean().optional(), userVerification: z.string().optional() })
      .optional(),
    attestation: z.string().optional(),
  })
  .meta({ id: 'RegistrationOptions' });

export const AuthenticationOptions = z
  .object({
    challenge: z.string(),
    timeout: z.int().optional(),
    rpId: z.string().optional(),
    allowCredentials: z.array(Descriptor).optional(),
    userVerification: z.string().optional(),
  })
  .meta({ id: 'AuthenticationOptions' });

export const WebauthnOut = z
  .object({
    id: z.string(),
    name: z.string(),
    transports: z.array(z.string()).describe(`How it is reached: ${TRANSPORTS.join(', ')}.`),
    synced: z.boolean().describe('Whether it may exist on several devices of the person, as passkeys of a password manager do.'),
    backed_up: z.boolean(),
    created_at: instant(),
    last_used_at: instant().nullable(),
  })
  .meta({ id: 'WebauthnOut' });
