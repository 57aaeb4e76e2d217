import { atLeast } from '../../../../services/auth/atLeast.ts';
import { confirmEmailChange } from '../../../../services/auth/email/confirm.ts';
import { forgotPassword } from '../../../../services/auth/forgotPassword.ts';
import { register } from '../../../../services/auth/register.ts';
import { resetPassword } from '../../../../services/auth/resetPassword.ts';
import { verifyEmail } from '../../../../services/auth/verifyEmail.ts';
import { authLinks } from '../../routes/auth/links.ts';
import { ConfirmEmailIn, ForgotIn, RegisterIn, ResetIn, VerifyEmailIn } from '../../routes/auth/schemas.ts';
import { submitted } from './pageForm.ts';
import type { PageField, PageForm } from './pageForm.ts';

const TOKEN: PageField = { name: 'token', label: 'Token', type: 'text', autocomplete: 'off', hint: 'It is in the mail, below the link.' };
export const EMAIL: PageField = { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' };
export const PASSWORD: PageField = { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' };
const NEW_PASSWORD: PageField = {
  ...PASSWORD,
  label: 'New password',
  autocomplete: 'new-password',
  hint: '12 to 128 characters of any kind.',
};
const LOOK_INTO_MAILBOX = 'If the address can be used, a mail is on its way to it.';

/** The pages by their paths, which are those of the links in mails (`authLinks`). */
export const ACCOUNT_FORMS: Readonly<Record<string, PageForm>> = {
  '/auth/register': {
    title: 'Sign up',
    intro: 'A link that makes the account usable is sent to the address.',
    fields: [
      EMAIL,
      { name: 'name', label: 'Name', type: 'text', autocomplete: 'name', hint: 'As others see it; may stay empty.', required: false },
      { ...NEW_PASSWORD, label: 'Password' },
    ],
    action: 'Sign up',
    submit: submitted(RegisterIn, async (deps, origin, { email, password, name = null }) => {
      const links = authLinks(deps.config);
      const mail = await atLeast(deps.auth.answerFloorMs, () => register({ ...deps, links }, origin, { email, password, name }));
      if (mail) deps.mail.wake(mail);
      return LOOK_INTO_MAILBOX;
    }),
  },
  '/auth/verify-email': {
    title: 'Confirm your e-mail address',
    intro: 'Give the password that you chose when signing up.',
    fields: [TOKEN, PASSWORD],
    action: 'Confirm the address',
    submit: submitted(VerifyEmailIn, async (deps, origin, body) => {
      await verifyEmail(deps, origin, body);
      return 'Your address is confirmed, and the account can be used.';
    }),
  },
  '/auth/password/forgot': {
    title: 'Forgot your password?',
    intro: 'A link for choosing a new one is sent to the address of your account.',
    fields: [EMAIL],
    action: 'Send the link',
    submit: submitted(ForgotIn, async (deps, origin, { email }) => {
      const resetLink = authLinks(deps.config).reset;
      const mail = await atLeast(deps.auth.answerFloorMs, () => forgotPassword({ ...deps, resetLink }, origin, email));
      if (mail) deps.mail.wake(mail);
      return LOOK_INTO_MAILBOX;
    }),
  },
  '/auth/password/reset': {
    title: 'Choose a new password',
    intro: 'Every session of the account ends with that.',
    fields: [TOKEN, NEW_PASSWORD],
    action: 'Set the password',
    submit: submitted(ResetIn, async (deps, origin, body) => {
      deps.mail.wake(await resetPassword({ ...deps, forgotLink: authLinks(deps.config).forgot }, origin, body));
      return 'The new password is set. Sign in with it.';
    }),
  },
  '/auth/email': {
    title: 'Confirm your new e-mail address',
    intro: 'Give the password of the account that asked for this address.',
    fields: [TOKEN, PASSWORD],
    action: 'Confirm the new address',
    submit: submitted(ConfirmEmailIn, async (deps, origin, body) => {
      const { email, mail } = await confirmEmailChange(deps, origin, body);
      deps.mail.wake(mail);
      return `The address of your account is ${email} now. Sign in with it.`;
    }),
  },
};
