import { typeId } from '../../server/ids.ts';
import { auditPerson } from '../auth/auditPerson.ts';
import type { PersonContext } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { secondFactorChanged } from '../mail/templates/secondFactorChanged.ts';
import type { FactorChange } from '../mail/templates/secondFactorChanged.ts';

/** Who changes their own factors. */
export type Owner = Pick<SessionRecord, 'id' | 'email' | 'name' | 'amr' | 'authTime' | 'mfaAt'>;

/** Puts a change of somebody's factors on record in their organizations, and tells them by mail. `action`: the operation's id. */
export async function reportChange(person: PersonContext, owner: Owner, action: string, change: FactorChange): Promise<PromisedMail> {
  await auditPerson(
    person,
    { email: owner.email, name: owner.name, session: owner },
    {
      action,
      category: 'authentication',
      severity: 'warning',
      targets: [{ type: 'user', id: typeId('usr', person.userId) }],
      after: { change },
    },
  );
  return tellPerson(person, owner.email, change);
}

/** The mail alone. Hand the result to `deps.mail.wake` after the commit. */
export function tellPerson(person: PersonContext, to: string, change: FactorChange): Promise<PromisedMail> {
  const data = { change, at: person.clock.now(), ip: person.origin.ip };
  return enqueueMail(person, { to, template: secondFactorChanged, data, orgId: null, userId: person.userId });
}
