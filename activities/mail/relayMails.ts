import { Context } from '@temporalio/activity';
import { findStalledMails, forgetMails } from '../../services/mail/delivery.ts';
import { startMailDelivery } from '../../services/mail/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';

/** The process that put a mail on record starts its delivery at once. */
const OVERDUE_MS = 10_000;
const BATCH = 200;
const KEEP_MS = 30 * 86_400_000;

/** Has mails sent that were promised and are forgotten, and forgets those that ended a month ago. Part of the relay's sweep. */
export async function relayMails(deps: ActivityDeps): Promise<void> {
  const stalled = await deps.systemKnex.transaction((trx) => findStalledMails(trx, { overdueMs: OVERDUE_MS, limit: BATCH }));
  for (const mail of stalled) {
    Context.current().heartbeat();
    await startMailDelivery(deps.temporal, mail);
  }
  deps.metrics.outboxForgotten.inc(stalled.length);
  const before = new Date(deps.clock.now().getTime() - KEEP_MS);
  await deps.systemKnex.transaction((trx) => forgetMails(trx, { before, limit: BATCH }));
}
