import type { Transaction } from 'objection';
import type { Clock } from '../../server/clock.ts';
import { newId } from '../../server/ids.ts';
import type { Vault } from '../crypto/vault.ts';
import { renderMail } from './render.ts';
import type { MailTemplate } from './template.ts';

/** The transaction of what the mail is about. A tenant's context fits as it is. */
export interface MailContext {
  trx: Transaction;
  vault: Vault;
  clock: Clock;
}

export interface NewMail<Data> {
  /** Normalized address, see normalizeAddress. */
  to: string;
  template: MailTemplate<Data>;
  data: Data;
  /** The organization (uuid) whose transaction it is; null: a mail of the person alone. */
  orgId: string | null;
  /** The person (uuid) it goes to, when it is known; without an organization, the one whose transaction it is. */
  userId: string | null;
  /** When it says nothing useful any more, such as the end of its token. Default and at most: a day from now. */
  usefulUntil?: Date;
}

/** A mail that is on record. Hand it to `deps.mail.wake` after the commit; what is lost in between is sent some seconds later. */
export interface PromisedMail {
  mailId: string;
  orgId: string | null;
}

const DAY_MS = 86_400_000;

/** The name under which a mail's content is sealed. */
export const mailContext = (mailId: string): string => `mail:${mailId}`;

/**
 * Puts a mail on record, in the transaction of what it tells about: sent if that is committed, and only then. It is written now, in the
 * words of this release, and stored sealed. Throws TypeError for a link that is not http or https.
 */
export async function enqueueMail<Data>({ trx, vault, clock }: MailContext, mail: NewMail<Data>): Promise<PromisedMail> {
  const { to, template, data, orgId, userId, usefulUntil } = mail;
  const id = newId(clock);
  const now = clock.now();
  const giveUpAt = new Date(Math.min(now.getTime() + DAY_MS, usefulUntil?.getTime() ?? Infinity));
  await trx('mails').insert({
    id,
    for_org_id: orgId,
    for_user_id: userId,
    template: template.name,
    sealed: vault.seal(JSON.stringify(renderMail(to, template.write(data))), mailContext(id)),
    next_attempt_at: now,
    created_at: now,
    give_up_at: giveUpAt,
  });
  return { mailId: id, orgId };
}
