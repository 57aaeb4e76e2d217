import { atLeast } from '../../../../services/auth/atLeast.ts';
import { changePassword } from '../../../../services/auth/changePassword.ts';
import { forgotPassword } from '../../../../services/auth/forgotPassword.ts';
import { resetPassword } from '../../../../services/auth/resetPassword.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { ACCEPTED_EXAMPLE } from './examples.ts';
import { authLinks } from './links.ts';
import { ChangePasswordIn, ForgotIn, MailMaybeSent, ResetIn } from './schemas.ts';

export const passwordRoutes = [
  route({
    method: 'POST',
    path: '/auth/password/forgot',
    operationId: 'auth.password.forgot',
    public: true,
    summary: 'Have a link for a new password sent',
    description: 'Also for who never had a password. The answer is the same for an address without an account.',
    body: ForgotIn,
    responses: { 202: MailMaybeSent },
    errors: ['too_many_attempts'],
    examples: { body: { email: 'ada@acme.example' }, responses: { 202: ACCEPTED_EXAMPLE } },
    async handler({ body, origin, deps }) {
      const resetLink = authLinks(deps.config).reset;
      const mail = await atLeast(deps.auth.answerFloorMs, () => forgotPassword({ ...deps, resetLink }, origin, body.email));
      if (mail) deps.mail.wake(mail);
      return { status: 202, body: ACCEPTED_EXAMPLE };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/password/reset',
    operationId: 'auth.password.reset',
    public: true,
    summary: 'Choose a new password with the link of the mail',
    description: 'Ends every session, and the back-off of wrong guesses. Second factors stay.',
    body: ResetIn,
    responses: { 204: NoContent },
    errors: ['invalid_link', 'password_refused', 'too_many_attempts'],
    examples: { body: { token: 'pt_AZMv0a5Oc…', password: 'seven quiet herons' } },
    async handler({ body, origin, deps }) {
      deps.mail.wake(await resetPassword({ ...deps, forgotLink: authLinks(deps.config).forgot }, origin, body));
      return { status: 204 };
    },
  }),
  route({
    method: 'PUT',
    path: '/auth/password',
    operationId: 'auth.password.change',
    signedIn: true,
    summary: 'Change your password',
    description: 'Ends every other session. Wrong guesses at the current password count as those of logging in do.',
    body: ChangePasswordIn,
    responses: { 204: NoContent },
    errors: ['wrong_password', 'password_refused', 'too_many_attempts'],
    examples: { body: { current_password: 'seven quiet herons', new_password: 'eleven loud magpies' } },
    async handler({ body, session, origin, deps }) {
      const change = { current: body.current_password, next: body.new_password };
      deps.mail.wake(await changePassword({ ...deps, forgotLink: authLinks(deps.config).forgot }, { origin, session }, change));
      return { status: 204 };
    },
  }),
];
