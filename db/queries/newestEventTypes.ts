import type { Transaction } from 'objection';
import { EventTypeVersion } from '../models/EventTypeVersion.ts';

/** The newest version of those of the names that are an organization's own types. */
export async function newestEventTypes(trx: Transaction, orgId: string, names: readonly string[]): Promise<EventTypeVersion[]> {
  const newest = EventTypeVersion.query(trx).distinctOn('name').orderBy('name').orderBy('version', 'desc');
  return newest.where({ org_id: orgId }).whereIn('name', [...names]);
}

interface EventTypeSummary {
  name: string;
  version: number;
  description: string | null;
  hasSchema: boolean;
  createdAt: Date;
}

/** All of an organization's own types by name, each in its newest version and without its schema, which may be large. */
export async function eventTypeSummaries(trx: Transaction, orgId: string): Promise<EventTypeSummary[]> {
  const columns = ['name', 'version', 'description', 'created_at as createdAt', trx.raw('schema IS NOT NULL AS "hasSchema"')] as const;
  return trx('event_types')
    .distinctOn('name')
    .where({ org_id: orgId })
    .orderBy([{ column: 'name' }, { column: 'version', order: 'desc' }])
    .select<EventTypeSummary[]>(...columns);
}
