import { z } from 'zod';
import { instant, text } from '../../fields.ts';
import { SignedIn } from '../auth/schemas.ts';
import { WebauthnOut, mfaToken } from './webauthnSchemas.ts';

export const code = () =>
  text()
    .min(1, 'must not be empty')
    .max(64, 'has at most 64 characters')
    .describe('Six digits of an authenticator app, or a recovery code; of a recovery code case, spaces and dashes do not matter.');

const Demand = z.object({
  organization_id: z.string(),
  name: z.string(),
  phishing_resistant_only: z.boolean().describe('Passkeys and security keys alone will do.'),
  grace_until: instant().nullable().describe('Until then requests are not refused; null: they are now.'),
  satisfied: z.boolean().describe('Whether a factor that will do was used in this session.'),
});

export const FactorsOut = z
  .object({
    totp: z.object({ confirmed_at: instant() }).nullable().describe('The authenticator app; null: there is none.'),
    webauthn: z.array(WebauthnOut).describe('Passkeys and security keys.'),
    recovery_codes_left: z.int(),
    session: z.object({
      amr: z
        .array(z.string())
        .describe('How this session was proven (RFC 8176): `pwd`, `otp`, `hwk`, `swk`, `mfa`; `recovery_code` is ours.'),
      mfa_at: instant().nullable().describe('When a second factor was last used in it; null: never.'),
    }),
    required_by: z.array(Demand).describe('Organizations whose policy asks a second factor of this person.'),
  })
  .meta({ id: 'FactorsOut' });

export const TotpStarted = z
  .object({
    secret: z.string().describe('Base32, to be typed into the app.'),
    otpauth_uri: z.string().describe('The same as `otpauth://totp/…`, to be shown as a QR code.'),
    expires_at: instant().describe('Until when its first code must be sent.'),
  })
  .meta({ id: 'TotpStarted' });

export const CodeIn = z.strictObject({ code: code() }).meta({ id: 'CodeIn' });

export const VerifyIn = z.strictObject({ mfa_token: mfaToken(), code: code() }).meta({ id: 'VerifyFactorIn' });

const stepped = {
  access_token: z.string().describe('For the same session; its `amr` and `auth_time` tell of the factor.'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds for which the access token is good.'),
  session: FactorsOut.shape.session,
};

const SteppedUp = z.object({ status: z.literal('stepped_up'), ...stepped }).meta({ id: 'SteppedUp' });

export const FactorProven = z.discriminatedUnion('status', [SignedIn, SteppedUp]).meta({ id: 'FactorProven' });

export const recoveryCodes = () =>
  z.array(z.string()).describe('Ten codes that work once each, for when the factor is lost. Shown here and never again.');

export const FactorAdded = z
  .object({
    ...stepped,
    recovery_codes: recoveryCodes()
      .nullable()
      .describe('With the first factor: ten codes that work once each, shown here and never again. null with a further one.'),
  })
  .meta({ id: 'FactorAdded' });

export const RecoveryCodesOut = z.object({ recovery_codes: recoveryCodes() }).meta({ id: 'RecoveryCodesOut' });
