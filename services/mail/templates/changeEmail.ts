import { code, dateText, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads at the address that their account shall have: the proof that the mailbox is theirs. */
export interface ChangeEmailMail {
  token: string;
  /** Holds the token. */
  url: string;
  expiresAt: Date;
}

export const changeEmailMail: MailTemplate<ChangeEmailMail> = {
  name: 'change_email',
  example: { token: 'ct_example', url: 'https://app.example/auth/email#token=ct_example', expiresAt: new Date('2026-11-22T09:00:00Z') },
  write: ({ token, url, expiresAt }) => ({
    subject: 'Confirm your new e-mail address',
    body: [
      paragraph('Somebody asked for this address for their account. If it was you, confirm it with the password of the account.'),
      link('Confirm the new address', url),
      paragraph(`Where you are asked for a token, it is this one, until ${dateText(expiresAt)}:`),
      code(token),
      paragraph('If it was not you, ignore this mail, and give nobody the token: nothing happens without it.'),
    ],
  }),
};
