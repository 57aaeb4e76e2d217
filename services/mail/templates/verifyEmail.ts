import { code, dateText, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads who signed up: the proof that the mailbox is theirs. */
export interface VerifyEmailMail {
  token: string;
  /** Holds the token. */
  url: string;
  expiresAt: Date;
}

export const verifyEmailMail: MailTemplate<VerifyEmailMail> = {
  name: 'verify_email',
  example: { token: 'vt_example', url: 'https://app.example/verify-email#token=vt_example', expiresAt: new Date('2026-11-22T09:00:00Z') },
  write: ({ token, url, expiresAt }) => ({
    subject: 'Confirm your e-mail address',
    body: [
      paragraph(
        'Somebody signed up with this address. If it was you, confirm it with the password that you chose then: the account can be used from then on.',
      ),
      link('Confirm the address', url),
      paragraph(`Where you are asked for a token, it is this one, until ${dateText(expiresAt)}:`),
      code(token),
      paragraph('If it was not you, ignore this mail: without that password nobody can confirm the address, and nothing happens.'),
    ],
  }),
};
