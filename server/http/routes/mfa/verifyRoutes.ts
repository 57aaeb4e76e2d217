import { runAsPerson } from '../../../../services/auth/runAsPerson.ts';
import { bindingOf, userOf } from '../../../../services/mfa/prove.ts';
import type { Claimant, Proven } from '../../../../services/mfa/prove.ts';
import { proveOnce } from '../../../../services/mfa/proveOnce.ts';
import type { FactorClaim } from '../../../../services/mfa/verifyFactor.ts';
import { authenticationOptions } from '../../../../services/mfa/webauthn/authenticate.ts';
import type { Deps } from '../../../deps.ts';
import type { Origin } from '../../../../services/auth/personContext.ts';
import { TOKENS_EXAMPLE, USER_EXAMPLE } from '../auth/examples.ts';
import { authLinks } from '../auth/links.ts';
import { presentSignedIn } from '../auth/present.ts';
import { route } from '../../route.ts';
import { claimantOf } from './claimant.ts';
import { ASSERTION_EXAMPLE, AUTHENTICATION_OPTIONS_EXAMPLE, STEPPED_UP_EXAMPLE } from './examples.ts';
import { factorDeps } from './factorDeps.ts';
import { presentSteppedUp } from './present.ts';
import { FactorProven, VerifyIn } from './schemas.ts';
import { AuthenticationOptions, WebauthnAssertion, WebauthnChallengeIn } from './webauthnSchemas.ts';

const CREDENTIALS = [
  'missing_credentials',
  'invalid_mfa_token',
  'invalid_access_token',
  'access_token_expired',
  'session_ended',
  'permission_denied',
] as const;
const MFA_TOKEN = 'mt_AQJrMQ…';
const SIGNED_IN_EXAMPLE = { status: 'signed_in', ...TOKENS_EXAMPLE, user: USER_EXAMPLE };

export const verifyRoutes = [
  route({
    method: 'POST',
    path: '/auth/mfa/verify',
    operationId: 'mfa.verify',
    public: true,
    summary: 'Prove a second factor by a code',
    description:
      'Six digits of the authenticator app, or a recovery code; each works once. With the `mfa_token` of a sign-in that waits it begins the session (`signed_in`). With an access token it steps that session up (`stepped_up`): `amr` and `mfa_at` tell of the factor from then on, in the new access token and for every older one. After five failures, of whatever factor, one more is possible in 30 seconds, then in 60, up to an hour.',
    body: VerifyIn,
    responses: { 200: FactorProven },
    errors: [...CREDENTIALS, 'second_factor_refused', 'too_many_attempts', 'not_found'],
    examples: { body: { mfa_token: MFA_TOKEN, code: '287082' }, responses: { 200: SIGNED_IN_EXAMPLE } },
    async handler(ctx) {
      const { code } = ctx.body;
      const method = /^[0-9]{6}$/.test(code) ? 'totp' : 'recovery_code';
      return prove(ctx, 'mfa.verify', () => ({ method, code }));
    },
  }),
  route({
    method: 'POST',
    path: '/auth/mfa/webauthn/authenticate/options',
    operationId: 'mfa.webauthn_authenticate_options',
    public: true,
    summary: 'Begin to prove a passkey or security key',
    description:
      'What `navigator.credentials.get()` takes, by way of `PublicKeyCredential.parseRequestOptionsFromJSON()`. The challenge is good for one answer of the same sign-in or session, within five minutes.',
    body: WebauthnChallengeIn,
    responses: { 200: AuthenticationOptions },
    errors: [...CREDENTIALS, 'too_many_attempts'],
    examples: { body: { mfa_token: MFA_TOKEN }, responses: { 200: AUTHENTICATION_OPTIONS_EXAMPLE } },
    async handler(ctx) {
      const { deps, origin } = ctx;
      const claimant = await claimantOf(ctx);
      await deps.auth.throttle.take('challenges', userOf(claimant));
      const { relyingParty } = factorDeps(deps);
      const body = await runAsPerson(deps, { userId: userOf(claimant), origin }, (person) =>
        authenticationOptions(person, relyingParty, bindingOf(claimant)),
      );
      return { status: 200, body };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/mfa/webauthn/authenticate',
    operationId: 'mfa.authenticate_webauthn',
    public: true,
    summary: 'Prove a passkey or security key',
    description:
      'As `POST /auth/mfa/verify`, with what `navigator.credentials.get()` returned. Nothing of it can be passed on by a false page.',
    body: WebauthnAssertion,
    responses: { 200: FactorProven },
    errors: [...CREDENTIALS, 'second_factor_refused', 'too_many_attempts', 'not_found'],
    examples: { body: ASSERTION_EXAMPLE, responses: { 200: { status: 'stepped_up', ...STEPPED_UP_EXAMPLE } } },
    async handler(ctx) {
      const response = ctx.body.credential;
      return prove(ctx, 'mfa.authenticate_webauthn', (claimant) => ({ method: 'webauthn', response, boundTo: bindingOf(claimant) }));
    },
  }),
];

type Asking = Parameters<typeof claimantOf>[0] & { origin: Origin };

async function prove(ctx: Asking, action: string, claimOf: (claimant: Claimant) => FactorClaim) {
  const { deps, origin } = ctx;
  const claimant = await claimantOf(ctx);
  const proven = await proveOnce({ ...deps, factors: factorDeps(deps), forgotLink: authLinks(deps.config).forgot }, origin, {
    claimant,
    claim: claimOf(claimant),
    action,
  });
  deps.mail.wake(...proven.mails);
  return { status: 200 as const, body: await presentProven(deps, proven) };
}

async function presentProven(deps: Deps, proven: Proven) {
  if ('started' in proven) return presentSignedIn(proven.started);
  return { status: 'stepped_up' as const, ...(await presentSteppedUp(deps, proven.stepped)) };
}
