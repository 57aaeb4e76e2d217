import type { Transaction } from 'objection';
import { typeId } from '../../../server/ids.ts';
import { appendAuditBatch } from '../../audit/append.ts';
import type { AuditDeps } from '../../audit/append.ts';
import type { Actor } from '../../context.ts';
import { tombstoneSlug } from '../slug.ts';

/** Removes at most `batch` rows of the transaction's organization from one table. Runs as `artisan_system`; returns how many. */
export async function eraseRows(trx: Transaction, table: string, batch: number): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ removed: number }] }>('SELECT erase_organization_rows(?, ?) AS removed', [table, batch]);
  return rows[0].removed;
}

const BATCH = 5_000;

/**
 * Leaves a tombstone of the transaction's organization: an id that is never used again, and the last leaf of its audit log. What that leaf's
 * entry would show in the tables that are empty now is removed with it. Runs as `artisan_system`; safe to repeat.
 */
export async function leaveTombstone(trx: Transaction, actor: Actor, tables: readonly string[], deps: AuditDeps): Promise<void> {
  const now = deps.clock.now();
  const alive = await trx('organizations')
    .where({ id: actor.orgId })
    .whereNull('erased_at')
    .forUpdate()
    .first<{ id: string } | undefined>('id');
  if (!alive) return;
  const input = {
    action: 'organizations.erased',
    category: 'compliance' as const,
    severity: 'critical' as const,
    targets: [{ type: 'organization', id: typeId('org', actor.orgId) }],
  };
  await appendAuditBatch(trx, [{ actor, input }], deps);
  for (const table of tables) while ((await eraseRows(trx, table, BATCH)) === BATCH);
  await trx('sessions').where({ active_org_id: actor.orgId }).update({ active_org_id: null });
  await trx('organizations')
    .where({ id: actor.orgId })
    .update({
      name: 'Erased organization',
      slug: tombstoneSlug(typeId('org', actor.orgId)),
      settings: '{}',
      limit_overrides: '{}',
      founded_by: null,
      deletion_next_at: null,
      updated_at: now,
      erased_at: now,
    });
}
