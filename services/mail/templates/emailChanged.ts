import { dateText, facts, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads at the address that their account had. */
export interface EmailChangedMail {
  /** The address that it has now. */
  next: string;
  at: Date;
  ip: string | null;
}

export const emailChangedMail: MailTemplate<EmailChangedMail> = {
  name: 'email_changed',
  example: { next: 'ada@new.example', at: new Date('2026-11-21T09:00:00Z'), ip: '192.0.2.1' },
  write: ({ next, at, ip }) => ({
    subject: 'The e-mail address of your account was changed',
    body: [
      paragraph(
        'Your account has another e-mail address now. Mails about it, and links for a new password, go there and not here any more.',
      ),
      facts(['New address', next], ['When', dateText(at)], ['From', ip ?? 'an unknown address']),
      paragraph(
        'If that was not you, tell the administrator of your organization at once: they can suspend the account there, and their audit log has both addresses.',
      ),
    ],
  }),
};
