import type { Knex } from 'knex';
import { uuidOf } from '../../server/ids.ts';
import { leafHash } from '../../services/audit/leaf.ts';
import type { TestTenant } from '../support/tenant.ts';

/** What the database says of the organization after the run. Event ids are uuids. */
export interface Evidence {
  events: Set<string>;
  /** Deliveries by status. */
  deliveries: Record<string, number>;
  attempts: AttemptRow[];
  /** Audit entries of publishing, and whether leaf, body and view agree, entry by entry. */
  audit: { published: number; leaves: number; broken: number };
  outbox: number;
}

interface AttemptRow {
  event_id: string;
  status_code: number | null;
  error_code: string | null;
}

export async function readEvidence(tenant: TestTenant): Promise<Evidence> {
  // One after the other: side by side they would wait for each other's connection, and a machine that still catches up is slow.
  const events = await tenant.rows<{ id: string }>('events');
  const deliveries = await tenant.rows<{ status: string }>('deliveries');
  const attempts = await tenant.rows<AttemptRow>('delivery_attempts');
  const leaves = await tenant.rows<{ id: string; leaf_hash: Buffer }>('audit_leaf');
  const bodies = await tenant.rows<{ entry_id: string; leaf_data: Buffer }>('audit_body', {}, 'entry_id');
  const views = await tenant.rows<{ entry_id: string; action: string }>('audit_view', {}, 'entry_id');
  const outbox = await tenant.rows('outbox');
  return {
    events: new Set(events.map(({ id }) => id)),
    deliveries: countBy(deliveries.map(({ status }) => status)),
    attempts,
    audit: {
      published: views.filter(({ action }) => action === 'events.publish').length,
      leaves: leaves.length,
      broken: brokenEntries(leaves, bodies, views),
    },
    outbox: outbox.length,
  };
}

/** Deliveries that are not finished, and wake-ups that are still promised: 0 when all is done. */
export async function unfinished(system: Knex, orgId: string): Promise<number> {
  const { rows } = await system.raw<{ rows: { n: number }[] }>(
    `SELECT ((SELECT count(*) FROM deliveries WHERE org_id = ? AND next_attempt_at IS NOT NULL)
           + (SELECT count(*) FROM outbox WHERE org_id = ?))::int AS n`,
    [orgId, orgId],
  );
  return rows[0]?.n ?? 0;
}

export const eventUuid = (id: string): string => uuidOf('evt', id);

export function countBy(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function brokenEntries(
  leaves: { id: string; leaf_hash: Buffer }[],
  bodies: { entry_id: string; leaf_data: Buffer }[],
  views: { entry_id: string }[],
): number {
  const bytes = new Map(bodies.map(({ entry_id: id, leaf_data: data }) => [id, data]));
  const shown = new Set(views.map(({ entry_id: id }) => id));
  const whole = leaves.filter(({ id, leaf_hash: hash }) => shown.has(id) && leafHash(bytes.get(id) ?? Buffer.alloc(0)).equals(hash));
  return Math.max(leaves.length, bodies.length, views.length) - whole.length;
}
