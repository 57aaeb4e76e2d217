import type { Transaction } from 'objection';
import { isGone } from '../../db/presence.ts';
import type { PromisedMail } from './enqueueMail.ts';

/** What of an unfinished mail's row its delivery needs. */
export interface WaitingMail {
  id: string;
  for_org_id: string | null;
  template: string;
  sealed: Buffer;
  /** How many have ended. */
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

/** Without being renewed: after it a process that says nothing, as on a machine that vanished, is believed to be gone. */
const CLAIMED_FOR = "interval '90 seconds'";

/** `absent`: no session stands for who asks, so that its claim would be anybody's; nothing is claimed then. */
export type MailClaim = 'claimed' | 'taken' | 'absent';

/**
 * The right to hand a mail over, for the process that is present as `holder` (db/presence.ts): `taken` while another one that lives has it, or has just ended an attempt, so
 * that Temporal, which knows a worker by its heartbeats alone, cannot have two send it at once. Free at once when its holder is gone.
 * Claimed again it holds as long from then on, also under another id of the same process as long as nobody took it in between.
 */
export async function claimMail(trx: Transaction, { id, attempts }: WaitingMail, holder: string): Promise<MailClaim> {
  const { rows } = await trx.raw<{ rows: { absent: boolean; claimed: boolean }[] }>(
    `WITH us AS MATERIALIZED (SELECT ${isGone(':holder::uuid')} AS absent),
     claimed AS (
       UPDATE mails SET claimed_by = :holder::uuid, claimed_until = now() + ${CLAIMED_FOR} FROM us
        WHERE NOT us.absent AND id = :id AND finished_at IS NULL AND attempts = :attempts
          AND (claimed_by IS NULL OR claimed_by = :holder::uuid OR claimed_until < now() OR ${isGone('claimed_by')})
       RETURNING id)
     SELECT us.absent, EXISTS (SELECT FROM claimed) AS claimed FROM us`,
    { id, attempts, holder },
  );
  const [found] = rows;
  if (found === undefined || found.absent) return 'absent';
  return found.claimed ? 'claimed' : 'taken';
}

const UNCLAIMED = { claimed_by: null, claimed_until: null };

/** The mail server has it, which is so whoever holds the claim by now: recorded, it keeps others from sending it again. Erases recipient and content. */
export async function recordSent(trx: Transaction, id: string, at: Date): Promise<void> {
  const attempts = trx.raw('attempts + 1');
  const sent = { ...UNCLAIMED, status: 'sent', attempts, last_error: null, sealed: null, finished_at: at };
  await trx('mails').where({ id }).whereNull('finished_at').update(sent);
}

/** An attempt of `holder`, who claimed the mail. */
interface FailedAttempt {
  id: string;
  holder: string;
  error: string;
}

/** Ends a mail that was not sent and erases recipient and content. False, and nothing is written, when the claim is somebody else's by now. */
export async function giveUpMail(trx: Transaction, { id, holder, error }: FailedAttempt, at: Date): Promise<boolean> {
  const attempts = trx.raw('attempts + 1');
  const end = { ...UNCLAIMED, status: 'given_up', attempts, last_error: error, sealed: null, finished_at: at };
  return (await claimedBy(trx, id, holder).update(end)) > 0;
}

/** Keeps a mail for another attempt. False, and nothing is written, when the claim is somebody else's by now. */
export async function postponeMail(trx: Transaction, { id, holder, error }: FailedAttempt, retryAt: Date): Promise<boolean> {
  const attempts = trx.raw('attempts + 1');
  const change = { ...UNCLAIMED, status: 'retrying', attempts, last_error: error, next_attempt_at: retryAt };
  return (await claimedBy(trx, id, holder).update(change)) > 0;
}

const claimedBy = (trx: Transaction, id: string, holder: string) => trx('mails').where({ id, claimed_by: holder }).whereNull('finished_at');

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
