import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Transaction } from 'objection';
import { typeId, uuidOf } from '../../server/ids.ts';
import { appendAudit } from '../../services/audit/append.ts';
import { findWaitingMail, giveUpMail, postponeMail, recordSent } from '../../services/mail/delivery.ts';
import type { SendOutcome, WaitingMail } from '../../services/mail/delivery.ts';
import { VaultError } from '../../services/crypto/vault.ts';
import type { Vault } from '../../services/crypto/vault.ts';
import { mailContext } from '../../services/mail/enqueueMail.ts';
import type { RenderedMail } from '../../services/mail/render.ts';
import { nextAttempt } from '../../services/mail/schedule.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { Args } from '../../workflows/mailDelivery/contract.ts';
import { workflowActor } from '../actor.ts';
import type { ActivityDeps } from '../deps.ts';
import { heartbeating } from '../heartbeating.ts';
import { holdMail, stillBeingSent } from './holdMail.ts';
import type { HeldMail } from './holdMail.ts';

/** RFC 3339 when there is to be another try; null when the mail is sent, given up or gone. */
export interface SendMailResult {
  retryAt: string | null;
}

/**
 * Hands a mail to the mail server, unless that is done or not due. A process that dies after the server took it and before that is on
 * record sends it a second time, with the same Message-ID: mail programs and servers show one of them. One that lives and only seems dead
 * to Temporal, because it was held up or Temporal was away, does not: it has claimed the mail, and whoever is to repeat it waits.
 */
export const sendMail = (deps: ActivityDeps) => {
  const sending = new Set<string>();
  return async ({ mailId }: Args): Promise<SendMailResult> => {
    // An earlier attempt in this very process, whose claim would pass for ours.
    if (sending.has(mailId)) throw stillBeingSent();
    sending.add(mailId);
    try {
      return await heartbeating(() => attempt(deps, mailId));
    } finally {
      sending.delete(mailId);
    }
  };
};

async function attempt(deps: ActivityDeps, mailId: string): Promise<SendMailResult> {
  const id = uuidOf('eml', mailId);
  const mail = await deps.systemKnex.transaction((trx) => findWaitingMail(trx, id));
  if (mail === null) return { retryAt: null };
  if (mail.next_attempt_at > deps.clock.now()) return { retryAt: mail.next_attempt_at.toISOString() };
  const { held, result: outcome } = await holdMail(deps, mail, async (signal) => {
    const content = await open(deps, mail);
    return content === null ? UNREADABLE : deps.mailer.send(content, mailId, signal);
  });
  const retryAt = await record(deps, held, outcome);
  return { retryAt: retryAt?.toISOString() ?? null };
}

/** A key is missing: somebody may add it back, or the organization was erased with its own. */
const UNREADABLE: SendOutcome = { sent: false, error: 'unreadable', permanent: false };

/** With the vault of the organization it was sealed in; null when that cannot open it. */
async function open(deps: ActivityDeps, { id, for_org_id: orgId, sealed }: WaitingMail): Promise<RenderedMail | null> {
  const openWith = ({ vault }: { vault: Vault }): Buffer => vault.open(sealed, mailContext(id));
  try {
    const bytes = orgId === null ? openWith(deps) : await runInTenant(deps, workflowActor(orgId, id), async (tenant) => openWith(tenant));
    return JSON.parse(bytes.toString('utf8')) as RenderedMail;
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

/** For a mail that is sent and not on record: half a minute in all, well within what an attempt may take. */
const RECORD_AGAIN_AFTER_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

/** The mail server has it: were the attempt repeated because Postgres is away for a moment, it would be sent again. Recording it twice changes nothing. */
async function recordAgain({ systemKnex, clock, logger }: ActivityDeps, { id }: WaitingMail): Promise<void> {
  const at = clock.now();
  const signal = Context.current().cancellationSignal;
  for (const pauseMs of RECORD_AGAIN_AFTER_MS) {
    try {
      return await systemKnex.transaction((trx) => recordSent(trx, id, at));
    } catch (error) {
      logger.warn({ mail_id: typeId('eml', id), err: error }, 'a mail that is sent could not be recorded, that is tried again');
      await sleep(pauseMs, undefined, { signal });
    }
  }
  return systemKnex.transaction((trx) => recordSent(trx, id, at));
}

/** Returns when to try again; null when there is an end. Throws like `holdMail` when the mail is somebody else's by now. */
async function record(deps: ActivityDeps, held: HeldMail, outcome: SendOutcome): Promise<Date | null> {
  const { mail } = held;
  if (outcome.sent) {
    await recordAgain(deps, mail);
    deps.metrics.mails.inc({ outcome: 'sent' });
    return null;
  }
  const now = deps.clock.now();
  const { error, permanent } = outcome;
  const retryAt = permanent ? null : nextAttempt(mail.attempts + 1, now, mail.give_up_at);
  const line = { mail_id: typeId('eml', mail.id), template: mail.template, attempt: mail.attempts + 1, error };
  if (retryAt === null) {
    await giveUp(deps, held, { error, at: now });
    deps.metrics.mails.inc({ outcome: 'given_up' });
    deps.logger.error(line, 'a mail is given up');
    return null;
  }
  const failed = { id: mail.id, holder: held.holder, error };
  unlessLost(await deps.systemKnex.transaction((trx) => postponeMail(trx, failed, retryAt)));
  deps.metrics.mails.inc({ outcome: 'retrying' });
  deps.logger.warn(line, 'a mail could not be sent, it is tried again');
  return retryAt;
}

function unlessLost(written: boolean): void {
  if (!written) throw stillBeingSent();
}

/** An organization finds it in its audit log; who is in none has no log, and neither has one that is erased. */
async function giveUp(deps: ActivityDeps, { mail, holder }: HeldMail, { error, at }: { error: string; at: Date }): Promise<void> {
  const { id, for_org_id: orgId, template } = mail;
  const end = async (trx: Transaction): Promise<void> => unlessLost(await giveUpMail(trx, { id, holder, error }, at));
  if (orgId === null || !(await isThere(deps, orgId))) return deps.systemKnex.transaction(end);
  await runInTenant({ ...deps, knex: deps.systemKnex }, workflowActor(orgId, id), async (tenant) => {
    await end(tenant.trx);
    await appendAudit(tenant, {
      action: 'mails.given_up',
      category: 'system_config',
      severity: 'warning',
      outcome: 'failure',
      reason: error,
      targets: [{ type: 'mail', id: typeId('eml', id) }],
      after: { template },
    });
  });
}

async function isThere({ systemKnex }: ActivityDeps, orgId: string): Promise<boolean> {
  const left = systemKnex('organizations').where({ id: orgId }).whereNull('erasure_started_at');
  return (await left.first<{ id: string } | undefined>('id')) !== undefined;
}
