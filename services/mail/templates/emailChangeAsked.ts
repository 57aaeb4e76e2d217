import { dateText, facts, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads at the address that their account still has, in case it was somebody else who asked for another. */
export interface EmailChangeAskedMail {
  /** The address that was asked for. */
  next: string;
  at: Date;
  ip: string | null;
  resetUrl: string;
}

export const emailChangeAskedMail: MailTemplate<EmailChangeAskedMail> = {
  name: 'email_change_asked',
  example: {
    next: 'ada@new.example',
    at: new Date('2026-11-21T09:00:00Z'),
    ip: '192.0.2.1',
    resetUrl: 'https://app.example/forgot-password',
  },
  write: ({ next, at, ip, resetUrl }) => ({
    subject: 'Another e-mail address was asked for your account',
    body: [
      paragraph(
        'Somebody who is signed in to your account asked for another e-mail address. It changes when a link that was sent there is followed.',
      ),
      facts(['New address', next], ['When', dateText(at)], ['From', ip ?? 'an unknown address']),
      paragraph('If it was you, there is nothing to do here.'),
      paragraph('If that was not you, choose a new password at once. This ends the link to the new address, and every session:'),
      link('Reset the password', resetUrl),
    ],
  }),
};
