import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { passwordChangedMail } from '../mail/templates/passwordChanged.ts';
import type { PersonContext } from './personContext.ts';

/** Lets the owner of the account know, in case it was somebody else. */
export const tellPasswordChanged = (person: PersonContext, to: string, resetUrl: string): Promise<PromisedMail> =>
  enqueueMail(person, {
    to,
    template: passwordChangedMail,
    data: { at: person.clock.now(), ip: person.origin.ip, resetUrl },
    orgId: null,
    userId: person.userId,
  });
