import type { Knex } from 'knex';
import { v7 } from 'uuid';
import { createKnex } from '../../db/knex.ts';
import type { TestDatabase } from './database.ts';

const DAY_MS = 86_400_000;

export const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** Database uuids of an event that was published some days ago, its delivery and the delivery's one attempt. */
export interface OldEvent {
  eventId: string;
  deliveryId: string;
}

interface OldRows {
  orgId: string;
  endpointId: string;
  daysOld: number;
  count?: number;
  status?: string;
}

/** Writes, past all fences, what an installation of that age would hold: the times are in the ids. */
export async function plantHistory(
  superuser: Knex,
  { orgId, endpointId, daysOld, count = 1, status = 'delivered' }: OldRows,
): Promise<OldEvent[]> {
  const at = daysAgo(daysOld);
  const id = () => v7({ msecs: at.getTime() });
  const unfinished = ['pending', 'in_flight', 'retrying'].includes(status);
  const planted = Array.from({ length: count }, () => ({ eventId: id(), deliveryId: id() }));
  const base = { org_id: orgId, created_at: at };
  const event = { ...base, type: 'lead.created', occurred_at: at, deliveries: 1, payload: '{"type":"lead.created","data":{}}' };
  await superuser('events').insert(planted.map(({ eventId }) => ({ ...event, id: eventId })));
  const delivery = { ...base, endpoint_id: endpointId, event_type: 'lead.created', status, attempts: 1 };
  const due = { next_attempt_at: unfinished ? at : null, delivered_at: status === 'delivered' ? at : null };
  await superuser('deliveries').insert(
    planted.map(({ eventId, deliveryId }) => ({ ...delivery, ...due, id: deliveryId, event_id: eventId })),
  );
  const attempt = { org_id: orgId, endpoint_id: endpointId, number: 1, started_at: at, duration_ms: 1, response_excerpt: 'ok' };
  await superuser('delivery_attempts').insert(
    planted.map(({ eventId, deliveryId }) => ({ ...attempt, id: id(), event_id: eventId, delivery_id: deliveryId })),
  );
  return planted;
}

/** Makes the month partitions of so many days ago until now, as they were made when those months began. */
export async function makeOldPartitions(superuser: Knex, days: number): Promise<void> {
  await superuser.raw('SELECT ensure_partitions(?, 0)', [Math.ceil(days / 28)]);
}

/** The partition that an id of so many days ago lies in: `events_2025_01`. */
export const partitionOf = (table: string, daysOld: number): string =>
  `${table}_${daysAgo(daysOld).toISOString().slice(0, 7).replace('-', '_')}`;

/** Registers hooks for a superuser's pool on the file's database. */
export function useSuperuser(database: TestDatabase): { readonly knex: Knex } {
  let knex: Knex | undefined;
  before('open the pool of a superuser', () => {
    knex = createKnex(database.urls.superuser, { max: 2, applicationName: 'test-superuser', statementTimeoutMs: 20_000 });
  });
  after('close it', () => knex?.destroy());
  return {
    get knex() {
      if (!knex) throw new Error('useSuperuser(): the pool exists inside hooks and tests only');
      return knex;
    },
  };
}
