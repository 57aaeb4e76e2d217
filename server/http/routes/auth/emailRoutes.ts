import { atLeast } from '../../../../services/auth/atLeast.ts';
import { confirmEmailChange } from '../../../../services/auth/email/confirm.ts';
import { requestEmailChange } from '../../../../services/auth/email/request.ts';
import { route } from '../../route.ts';
import { ACCEPTED_EXAMPLE } from './examples.ts';
import { authLinks } from './links.ts';
import { ChangeEmailIn, ConfirmEmailIn, EmailChanged, MailMaybeSent } from './schemas.ts';

export const emailRoutes = [
  route({
    method: 'POST',
    path: '/auth/email',
    operationId: 'auth.email.change',
    signedIn: true,
    summary: 'Ask for another e-mail address',
    description:
      'Sends a link to the new address and a notice to the present one; nothing changes until the link is followed. Needs a second factor of the last ten minutes where the account has one, else `current_password`. The answer, and the time it takes, is the same for an address that has an account. A new request, and a new password, end the link of an earlier one; a person asks five times a day at most.',
    body: ChangeEmailIn,
    responses: { 202: MailMaybeSent },
    errors: ['wrong_password', 'step_up_required', 'too_many_attempts'],
    examples: {
      body: { email: 'ada@analytical.example', current_password: 'seven quiet herons' },
      responses: { 202: ACCEPTED_EXAMPLE },
    },
    async handler({ body, session, origin, deps }) {
      const links = authLinks(deps.config);
      const change = { email: body.email, currentPassword: body.current_password };
      const mails = await atLeast(deps.auth.answerFloorMs, () =>
        requestEmailChange({ ...deps, changeLink: links.changeEmail, forgotLink: links.forgot }, { origin, session }, change),
      );
      for (const mail of mails) deps.mail.wake(mail);
      return { status: 202, body: ACCEPTED_EXAMPLE };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/email/confirm',
    operationId: 'auth.email.confirm',
    public: true,
    summary: 'Confirm the new e-mail address',
    description:
      'With the token of the mail, which works once, for a day, and the password of the account: only who asked **and** reads the mailbox changes the address. It is verified from then on. The session that asked goes on, every other one ends, and the address of before gets a notice. 409: somebody else has proven the address meanwhile.',
    body: ConfirmEmailIn,
    responses: { 200: EmailChanged },
    errors: ['invalid_link', 'wrong_password', 'conflict', 'too_many_attempts'],
    examples: {
      body: { token: 'ct_AZMv0a5Oc…', password: 'seven quiet herons' },
      responses: { 200: { status: 'changed', email: 'ada@analytical.example' } },
    },
    async handler({ body, origin, deps }) {
      const { email, mail } = await confirmEmailChange(deps, origin, body);
      deps.mail.wake(mail);
      return { status: 200, body: { status: 'changed' as const, email } };
    },
  }),
];
