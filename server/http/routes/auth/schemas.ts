import { z } from 'zod';
import { instant, line } from '../../fields.ts';
import { pageOf } from '../../page.ts';
import { idSchema } from '../../params.ts';
import { emailField, passwordField, tokenField } from './fields.ts';

export const RegisterIn = z
  .strictObject({
    email: emailField(),
    password: passwordField().describe('12 to 128 characters; passwords that attackers try first are refused.'),
    name: line(200).nullish().describe('As others see it.'),
  })
  .meta({ id: 'RegisterIn' });

/** What is answered whether the address is known or not. */
export const MailMaybeSent = z
  .object({ status: z.literal('accepted').describe('Look into the mailbox. Whether a mail was sent, and which, is not said here.') })
  .meta({ id: 'MailMaybeSent' });

export const VerifyEmailIn = z
  .strictObject({
    token: tokenField().describe('Of the mail.'),
    password: passwordField().describe('The one that was chosen when signing up.'),
  })
  .meta({ id: 'VerifyEmailIn' });

export const Verified = z.object({ status: z.literal('verified') }).meta({ id: 'EmailVerified' });

export const LoginIn = z
  .strictObject({
    email: emailField(),
    password: passwordField(),
    organization_id: idSchema('org')
      .optional()
      .describe('The organization to enter; by default the one that the person is in, if it is one.'),
  })
  .meta({ id: 'LoginIn' });

const tokens = {
  access_token: z.string().describe('A JWT for `Authorization: Bearer`; opaque to clients.'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds for which the access token is good.'),
  refresh_token: z.string().describe('For `POST /auth/refresh`, once. Keep it as you keep a password.'),
  refresh_token_expires_at: instant().describe('The session ends then, unless it is refreshed before.'),
  session_id: z.string(),
  organization_id: z.string().nullable().describe('The organization that was entered; null: enter one with `POST /auth/organization`.'),
};

export const UserOut = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    email_verified_at: instant().nullable(),
    created_at: instant(),
  })
  .meta({ id: 'User' });

export const SessionTokens = z.object(tokens).meta({ id: 'SessionTokens' });

export const SignedIn = z.object({ status: z.literal('signed_in'), ...tokens, user: UserOut }).meta({ id: 'SignedIn' });

export const MfaRequired = z
  .object({
    status: z.literal('mfa_required'),
    mfa_token: z.string().describe('Proves the password at `POST /auth/mfa/verify`; worth nothing without a second factor.'),
    expires_at: instant(),
    methods: z.array(z.enum(['totp', 'webauthn', 'recovery_code'])),
  })
  .meta({ id: 'MfaRequired' });

export const LoginOut = z.discriminatedUnion('status', [SignedIn, MfaRequired]).meta({ id: 'LoginOut' });

export const RefreshIn = z.strictObject({ refresh_token: tokenField() }).meta({ id: 'RefreshIn' });

export const EnterIn = z
  .strictObject({ organization_id: idSchema('org').nullable().describe('null: none; what is asked from then on is the person’s own.') })
  .meta({ id: 'EnterOrganizationIn' });

export const OwnOrganizationOut = z
  .object({ id: z.string(), name: z.string(), slug: z.string(), plan: z.string(), membership_id: z.string(), joined_at: instant() })
  .meta({ id: 'OwnOrganization' });

export const Entered = z
  .object({
    access_token: tokens.access_token,
    token_type: tokens.token_type,
    expires_in: tokens.expires_in,
    organization: OwnOrganizationOut.nullable(),
  })
  .meta({ id: 'EnteredOrganization' });

export const SessionOut = z
  .object({
    id: z.string(),
    current: z.boolean().describe('It is the one that asks.'),
    organization_id: z.string().nullable(),
    amr: z.array(z.string()).describe('How the person proved who they are (RFC 8176).'),
    auth_time: instant(),
    mfa_at: instant().nullable(),
    ip: z.string().nullable().describe('Where it began.'),
    user_agent: z.string().nullable(),
    created_at: instant(),
    last_used_at: instant().describe('When it was last refreshed.'),
    expires_at: instant(),
  })
  .meta({ id: 'Session' });

export const SessionList = pageOf(SessionOut).meta({ id: 'SessionList' });

export const ForgotIn = z.strictObject({ email: emailField() }).meta({ id: 'ForgotPasswordIn' });

export const ResetIn = z
  .strictObject({ token: tokenField().describe('Of the mail.'), password: passwordField() })
  .meta({ id: 'ResetPasswordIn' });

export const ChangePasswordIn = z
  .strictObject({ current_password: passwordField(), new_password: passwordField() })
  .meta({ id: 'ChangePasswordIn' });

export const ChangeEmailIn = z
  .strictObject({
    email: emailField().describe('The new address.'),
    current_password: passwordField().optional().describe('Needed while the account has no second factor.'),
  })
  .meta({ id: 'ChangeEmailIn' });

export const ConfirmEmailIn = z
  .strictObject({ token: tokenField().describe('Of the mail.'), password: passwordField().describe('Of the account.') })
  .meta({ id: 'ConfirmEmailIn' });

export const EmailChanged = z.object({ status: z.literal('changed'), email: z.string() }).meta({ id: 'EmailChanged' });

export const MePatch = z.strictObject({ name: line(200).nullable().optional() }).meta({ id: 'MePatch' });

export const Me = UserOut.extend({
  session_id: z.string(),
  organization_id: z.string().nullable(),
  organizations: z.array(OwnOrganizationOut).describe('Those that can be entered.'),
}).meta({ id: 'Me' });

export const Jwks = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'Jwks' });
