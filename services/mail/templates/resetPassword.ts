import { code, dateText, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads who forgot the password. */
export interface ResetPasswordMail {
  token: string;
  /** Holds the token. */
  url: string;
  expiresAt: Date;
}

export const resetPasswordMail: MailTemplate<ResetPasswordMail> = {
  name: 'reset_password',
  example: { token: 'pt_example', url: 'https://app.example/reset-password#token=pt_example', expiresAt: new Date('2026-11-21T10:00:00Z') },
  write: ({ token, url, expiresAt }) => ({
    subject: 'Choose a new password',
    body: [
      paragraph(
        'Somebody asked for a new password of the account with this address. If it was you, choose one: every session ends with that.',
      ),
      link('Choose a new password', url),
      paragraph(`Where you are asked for a token, it is this one, until ${dateText(expiresAt)}:`),
      code(token),
      paragraph('If it was not you, ignore this mail: the password stays as it is.'),
    ],
  }),
};
