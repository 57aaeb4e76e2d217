import { link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What the owner of an account reads when somebody signs up with its address again; the page says nothing of it. */
export interface AccountExistsMail {
  signInUrl: string;
  resetUrl: string;
}

export const accountExistsMail: MailTemplate<AccountExistsMail> = {
  name: 'account_exists',
  example: { signInUrl: 'https://app.example/sign-in', resetUrl: 'https://app.example/forgot-password' },
  write: ({ signInUrl, resetUrl }) => ({
    subject: 'You have an account already',
    body: [
      paragraph('Somebody signed up with this address, which has an account already. Nothing was changed.'),
      link('Sign in', signInUrl),
      link('If you forgot the password', resetUrl),
      paragraph('If it was not you, there is nothing to do.'),
    ],
  }),
};
