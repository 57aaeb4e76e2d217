import type { Transaction } from 'objection';
import type { PromisedMail } from './enqueueMail.ts';

/** What of an unfinished mail's row its delivery needs. */
export interface WaitingMail {
  id: string;
  for_org_id: string | null;
  template: string;
  sealed: Buffer;
  attempts: number;
  next_attempt_at: Date;
  give_up_at: Date;
}

/** What an attempt came to. `error` is a code, never what a mail server says: that may repeat the address. */
export type SendOutcome = { sent: true } | { sent: false; error: string; permanent: boolean };

// All of these run as artisan_system: artisan_app posts mails and reads none.

/** null when the mail is sent, given up or forgotten. */
export async function findWaitingMail(trx: Transaction, id: string): Promise<WaitingMail | null> {
  const columns = ['id', 'for_org_id', 'template', 'sealed', 'attempts', 'next_attempt_at', 'give_up_at'];
  return (await trx('mails').where({ id }).whereNull('finished_at').first<WaitingMail | undefined>(columns)) ?? null;
}

/** Ends a mail and erases recipient and content. */
export async function finishMail(
  trx: Transaction,
  id: string,
  end: { status: 'sent' | 'given_up'; error: string | null; at: Date },
): Promise<void> {
  const { status, error, at } = end;
  const attempts = trx.raw('attempts + 1');
  await trx('mails').where({ id }).whereNull('finished_at').update({ status, attempts, last_error: error, sealed: null, finished_at: at });
}

/** Keeps a mail for another attempt. */
export async function postponeMail(trx: Transaction, id: string, { error, retryAt }: { error: string; retryAt: Date }): Promise<void> {
  const attempts = trx.raw('attempts + 1');
  await trx('mails')
    .where({ id })
    .whereNull('finished_at')
    .update({ status: 'retrying', attempts, last_error: error, next_attempt_at: retryAt });
}

/** Mails that nobody works on: their workflow was never started, or lost with Temporal's own store. The row is the promise; there is none in the outbox. */
export async function findStalledMails(trx: Transaction, options: { overdueMs: number; limit: number }): Promise<PromisedMail[]> {
  const rows = await trx('mails')
    .whereNull('finished_at')
    .whereRaw("next_attempt_at < now() - ? * interval '1 millisecond'", [options.overdueMs])
    .orderBy('next_attempt_at')
    .limit(options.limit)
    .select<{ id: string; for_org_id: string | null }[]>('id', 'for_org_id');
  return rows.map((row) => ({ mailId: row.id, orgId: row.for_org_id }));
}

/** Removes rows of mails that ended long ago; what they held was erased then. */
export async function forgetMails(trx: Transaction, options: { before: Date; limit: number }): Promise<void> {
  const ended = trx('mails').where('finished_at', '<', options.before).limit(options.limit).select('id');
  await trx('mails').whereIn('id', ended).delete();
}
