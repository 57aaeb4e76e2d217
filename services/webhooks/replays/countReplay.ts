import type { Transaction } from 'objection';
import { finishedDeliveries } from '../../../db/queries/finishedDeliveries.ts';
import type { Actor, TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertKnownEventType } from '../../eventTypes/known.ts';
import { OneAtATime } from '../../oneAtATime.ts';
import { daysBefore, retentionDays } from '../../retention/days.ts';
import type { Retained } from '../../retention/days.ts';
import { runInTenant } from '../../runInTenant.ts';
import { findSendable } from '../findSendable.ts';
import { countMissed } from './countMissed.ts';
import type { Count } from './countMissed.ts';

/** `until` null: now. `eventTypes` null: every type. */
export type ReplayFilter = { until: Date | null; eventTypes: string[] | null } & (FinishedFilter | MissingFilter);

/** Finished deliveries in these states; times are those at which they were made, `since` null: from the first on. */
interface FinishedFilter {
  missing: false;
  since: Date | null;
  statuses: ('dead' | 'delivered' | 'cancelled')[];
}

/** Events that the endpoint wants and has no delivery of; times are those at which they were published. */
interface MissingFilter {
  missing: true;
  since: Date;
  statuses: [];
}

type Bounded = ReplayFilter & { until: Date };

/** A replay that may be started, and how much it would send. */
export interface CountedReplay extends Count {
  filter: Bounded;
}

/** More deliveries than these are not counted. */
const COUNTED = 100_000;
const counting = new OneAtATime({ most: 4, busy: 'What was missed is being counted for another request of your organization.' });

/**
 * Judges what is asked for, and counts how much that would send. Takes transactions of its own, a short one at a time: never call it inside of one.
 * Throws not_found, conflict (disabled), unknown_event_type, validation_failed (older than what is kept, in the future), rate_limited.
 */
export async function countReplay(
  deps: Parameters<typeof runInTenant>[0],
  actor: Actor,
  webhookId: string,
  asked: ReplayFilter,
): Promise<CountedReplay> {
  const inTransaction = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> => runInTenant(deps, actor, ({ trx }) => work(trx));
  const { webhook, filter } = await runInTenant(deps, actor, async (tenant) => {
    const found = await findSendable(tenant, webhookId);
    return { webhook: found, filter: await checked(tenant, asked) };
  });
  const scope = { orgId: actor.orgId, endpointId: webhookId };
  const count = filter.missing
    ? await counting.run(actor.orgId, () => countMissed(inTransaction, webhook, { ...scope, ...filter }))
    : await inTransaction((trx) => countFinished(trx, { ...scope, ...filter, after: null }));
  return { ...count, filter };
}

/** A replay ends with what is there now: what it makes or finishes itself does not match. */
async function checked(tenant: TenantContext, filter: ReplayFilter): Promise<Bounded> {
  for (const type of filter.eventTypes ?? []) await assertKnownEventType(tenant, type, 'body.event_types');
  const now = tenant.clock.now();
  if (filter.missing) await assertKept(tenant, filter.since, now);
  return { ...filter, until: filter.until === null || filter.until > now ? now : filter.until };
}

/** What retention has removed would be left out without a word, and what is to come is never missed. */
async function assertKept({ trx, actor }: TenantContext, since: Date, now: Date): Promise<void> {
  if (since > now) throw unusable('The range has not begun yet.', `lies in the future: it is now ${now.toISOString()}`);
  const organization = await trx('organizations').where({ id: actor.orgId }).first<Pick<Retained, 'plan' | 'settings'>>('plan', 'settings');
  const days = retentionDays(organization);
  const earliest = daysBefore(now, days);
  if (since >= earliest) return;
  const message = `lies before what is kept: events are kept for ${days} days, so it must be ${earliest.toISOString()} or later`;
  throw unusable('The range is wider than what is kept.', message);
}

const unusable = (detail: string, message: string): AppError =>
  new AppError('validation_failed', { detail, fields: [{ location: 'body.since', message }] });

async function countFinished(trx: Transaction, range: Parameters<typeof finishedDeliveries>[1]): Promise<Count> {
  const matching = await finishedDeliveries(trx, range).limit(COUNTED).resultSize();
  return { matching, exact: matching < COUNTED };
}
