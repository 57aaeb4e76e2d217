import type { Transaction } from 'objection';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';

/** Rows that retention removed. */
export interface Removed {
  events: number;
  deliveries: number;
  /** Of the deliveries, those that had given up. */
  deadLetters: number;
  attempts: number;
}

export const NOTHING_REMOVED: Removed = { events: 0, deliveries: 0, deadLetters: 0, attempts: 0 };

export const sumOf = (a: Removed, b: Removed): Removed => ({
  events: a.events + b.events,
  deliveries: a.deliveries + b.deliveries,
  deadLetters: a.deadLetters + b.deadLetters,
  attempts: a.attempts + b.attempts,
});

/** Notes, in the transaction that removes them, rows that the audit log is still to be told of. Runs as `artisan_system`. */
export async function noteRemoval(trx: Transaction, orgId: string, before: Date, removed: Partial<Removed>): Promise<void> {
  const { events, deliveries, deadLetters, attempts } = { ...NOTHING_REMOVED, ...removed };
  if (events + deliveries + attempts === 0) return;
  await trx.raw(
    `INSERT INTO history_removals AS r (org_id, before, events, deliveries, dead_letters, attempts) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id) DO UPDATE
       SET before = greatest(r.before, excluded.before), events = r.events + excluded.events, deliveries = r.deliveries + excluded.deliveries,
           dead_letters = r.dead_letters + excluded.dead_letters, attempts = r.attempts + excluded.attempts, updated_at = now()`,
    [orgId, before, events, deliveries, deadLetters, attempts],
  );
}

interface RemovalRow {
  before: Date;
  events: number;
  deliveries: number;
  dead_letters: number;
  attempts: number;
}

/**
 * Turns what was noted for the organization into one audit entry: also what an earlier run removed before it was killed.
 * Null when there is nothing to tell. Runs as `artisan_system`.
 */
export async function reportRemovals(tenant: TenantContext, days: number): Promise<Removed | null> {
  const { trx, actor } = tenant;
  const [row] = (await trx('history_removals').where({ org_id: actor.orgId }).delete().returning('*')) as RemovalRow[];
  if (!row) return null;
  const { before, events, deliveries, dead_letters: deadLetters, attempts } = row;
  await appendAudit(tenant, {
    action: 'webhooks.history.expired',
    category: 'compliance',
    // An accepted event that was never delivered goes for good: somebody should have looked at it.
    severity: deadLetters > 0 ? 'warning' : 'info',
    targets: [{ type: 'organization', id: typeId('org', actor.orgId) }],
    after: { before: before.toISOString(), retention_days: days, events, deliveries, dead_letters: deadLetters, attempts },
  });
  return { events, deliveries, deadLetters, attempts };
}
