import { paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What the owner of an account reads when somebody asks for its address for another one. */
export const emailTakenMail: MailTemplate<Record<never, never>> = {
  name: 'email_taken',
  example: {},
  write: () => ({
    subject: 'Your address was asked for another account',
    body: [
      paragraph('Somebody who is signed in to another account asked for this address, which has an account already. Nothing was changed.'),
      paragraph('If it was you: an address belongs to one account. Give this account another address first, or go on with it.'),
      paragraph('If it was not you, there is nothing to do.'),
    ],
  }),
};
