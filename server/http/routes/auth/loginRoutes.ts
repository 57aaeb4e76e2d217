import { atLeast } from '../../../../services/auth/atLeast.ts';
import { logOut } from '../../../../services/auth/endSession.ts';
import { enterOrganization } from '../../../../services/auth/enterOrganization.ts';
import { login } from '../../../../services/auth/login.ts';
import { refresh } from '../../../../services/auth/refresh.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { ORGANIZATION_EXAMPLE, TOKENS_EXAMPLE, USER_EXAMPLE } from './examples.ts';
import { authLinks } from './links.ts';
import { presentEntered, presentLogin, presentTokens } from './present.ts';
import { Entered, EnterIn, LoginIn, LoginOut, RefreshIn, SessionTokens } from './schemas.ts';

export const loginRoutes = [
  route({
    method: 'POST',
    path: '/auth/login',
    operationId: 'auth.login',
    public: true,
    summary: 'Log in',
    description:
      'Begins a session. Who has a second factor gets `mfa_required` and no session yet. After five wrong passwords an account answers one guess in 30 seconds, then in 60, up to an hour; resetting the password ends that.',
    body: LoginIn,
    responses: { 200: LoginOut },
    errors: ['invalid_credentials', 'not_found', 'too_many_attempts'],
    examples: {
      body: { email: 'ada@acme.example', password: 'seven quiet herons' },
      responses: { 200: { status: 'signed_in', ...TOKENS_EXAMPLE, user: USER_EXAMPLE } },
    },
    async handler({ body, origin, deps }) {
      const credentials = { email: body.email, password: body.password, orgId: body.organization_id };
      const forgotLink = authLinks(deps.config).forgot;
      const result = await atLeast(deps.auth.answerFloorMs, () => login({ ...deps, forgotLink }, origin, credentials));
      return { status: 200, body: presentLogin(result) };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/refresh',
    operationId: 'auth.refresh',
    public: true,
    summary: 'Get the next tokens of a session',
    description:
      'A refresh token works once. Sent again within ten seconds, by a client that lost the answer, it gets the same successor; sent again later it ends the session. `invalid_refresh_token`, `refresh_token_reused` and `session_ended` are final: sign in again. After any other failure send the same token again.',
    body: RefreshIn,
    responses: { 200: SessionTokens },
    errors: ['invalid_refresh_token', 'refresh_token_reused', 'session_ended', 'too_many_attempts'],
    examples: { body: { refresh_token: TOKENS_EXAMPLE.refresh_token }, responses: { 200: TOKENS_EXAMPLE } },
    handler: async ({ body, origin, deps }) => ({ status: 200, body: presentTokens(await refresh(deps, origin, body.refresh_token)) }),
  }),
  route({
    method: 'POST',
    path: '/auth/logout',
    operationId: 'auth.logout',
    signedIn: true,
    summary: 'Log out',
    description: 'Ends the session that asks: its access tokens and its refresh token stop working, on every server.',
    responses: { 204: NoContent },
    async handler({ inUser, session }) {
      await inUser((_trx, person) => logOut(person, session));
      return { status: 204 };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/organization',
    operationId: 'auth.organization',
    signedIn: true,
    summary: 'Enter an organization',
    description:
      'The session acts in it from now on, and the new access token says so. Tokens of before stay good for what they were made for, until they expire.',
    body: EnterIn,
    responses: { 200: Entered },
    errors: ['not_found'],
    examples: {
      body: { organization_id: ORGANIZATION_EXAMPLE.id },
      responses: {
        200: { access_token: TOKENS_EXAMPLE.access_token, token_type: 'Bearer', expires_in: 600, organization: ORGANIZATION_EXAMPLE },
      },
    },
    async handler({ body, inUser, session, deps }) {
      const organization = await inUser((_trx, person) => enterOrganization(person, session, body.organization_id));
      const { token } = await deps.auth.tokens.issue(session, organization?.orgId ?? null);
      return { status: 200, body: presentEntered(token, organization) };
    },
  }),
];
