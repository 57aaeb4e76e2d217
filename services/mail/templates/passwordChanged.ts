import { dateText, facts, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads after the password was changed or reset, in case it was somebody else. */
export interface PasswordChangedMail {
  at: Date;
  ip: string | null;
  resetUrl: string;
}

export const passwordChangedMail: MailTemplate<PasswordChangedMail> = {
  name: 'password_changed',
  example: { at: new Date('2026-11-21T09:00:00Z'), ip: '192.0.2.1', resetUrl: 'https://app.example/forgot-password' },
  write: ({ at, ip, resetUrl }) => ({
    subject: 'Your password was changed',
    body: [
      paragraph('The password of your account was changed, and other sessions were ended.'),
      facts(['When', dateText(at)], ['From', ip ?? 'an unknown address']),
      paragraph('If it was not you, choose a new one at once:'),
      link('Reset the password', resetUrl),
    ],
  }),
};
