import { atLeast } from '../../../../services/auth/atLeast.ts';
import { register } from '../../../../services/auth/register.ts';
import { verifyEmail } from '../../../../services/auth/verifyEmail.ts';
import { route } from '../../route.ts';
import { ACCEPTED_EXAMPLE } from './examples.ts';
import { authLinks } from './links.ts';
import { MailMaybeSent, RegisterIn, Verified, VerifyEmailIn } from './schemas.ts';

export const registerRoutes = [
  route({
    method: 'POST',
    path: '/auth/register',
    operationId: 'auth.register',
    public: true,
    summary: 'Sign up',
    description:
      'Sends a mail with a link that makes the account usable. The answer, and the time it takes, is the same for an address that has an account: its owner is told by mail.',
    body: RegisterIn,
    responses: { 202: MailMaybeSent },
    errors: ['password_refused', 'too_many_attempts'],
    examples: {
      body: { email: 'ada@acme.example', password: 'seven quiet herons', name: 'Ada Lovelace' },
      responses: { 202: ACCEPTED_EXAMPLE },
    },
    async handler({ body, origin, deps }) {
      const { email, password, name = null } = body;
      const mail = await atLeast(deps.auth.answerFloorMs, () =>
        register({ ...deps, links: authLinks(deps.config) }, origin, { email, password, name }),
      );
      if (mail) deps.mail.wake(mail);
      return { status: 202, body: ACCEPTED_EXAMPLE };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/verify-email',
    operationId: 'auth.verify_email',
    public: true,
    summary: 'Confirm an e-mail address',
    description:
      'With the token of the mail, which works once, for a day, and the password that was chosen when signing up: only who signed up **and** reads the mailbox gets the account. Guesses at the password are counted for each link. Log in next.',
    body: VerifyEmailIn,
    responses: { 200: Verified },
    errors: ['invalid_link', 'wrong_password', 'too_many_attempts'],
    examples: { body: { token: 'vt_AZMv0a5Oc…', password: 'seven quiet herons' }, responses: { 200: { status: 'verified' } } },
    async handler({ body, origin, deps }) {
      await verifyEmail(deps, origin, body);
      return { status: 200, body: { status: 'verified' as const } };
    },
  }),
];
