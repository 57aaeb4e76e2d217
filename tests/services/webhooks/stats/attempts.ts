import type { Knex } from 'knex';
import { withTenant } from '../../../../db/tenancy.ts';
import { newId } from '../../../../server/ids.ts';
import type { TestDatabase } from '../../../support/database.ts';

export interface Seeded {
  at: Date;
  endpointId: string;
  durationMs: number;
  statusCode: number | null;
  errorCode: string | null;
  number: number;
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const RESULTS: [share: number, statusCode: number | null, errorCode: string | null][] = [
  [0.8, 200, null],
  [0.83, 204, null],
  [0.88, 503, 'http_status'],
  [0.91, 404, 'http_status'],
  [0.92, 301, 'redirect'],
  [0.95, null, 'timeout'],
  [0.97, null, 'connection_refused'],
  [0.98, 200, 'protocol_error'],
  [0.99, null, 'interrupted'],
  [1, null, 'worker_lost'],
];

/** Attempts as life makes them: mostly fast, some slow, a few at the very edges of minutes. */
export function manyAttempts(count: number, seed: number, options: { endpoints: string[]; from: Date; to: Date }): Seeded[] {
  const random = randomOf(seed);
  const { endpoints, from, to } = options;
  return Array.from({ length: count }, () => {
    const spread = from.getTime() + Math.floor(random() * (to.getTime() - from.getTime()));
    const edge = random();
    const minute = Math.floor(spread / 60_000) * 60_000;
    const chance = random();
    const [, statusCode, errorCode] = RESULTS.find(([share]) => chance < share)!;
    return {
      at: new Date(edge < 0.05 ? minute : edge < 0.1 ? minute + 59_999 : spread),
      endpointId: endpoints[Math.floor(random() ** 2 * endpoints.length)]!,
      durationMs: errorCode === 'timeout' ? 30_000 : errorCode === 'worker_lost' ? 0 : Math.floor(Math.exp(random() * 12.6) - 1),
      statusCode,
      errorCode,
      number: 1 + Math.floor(random() ** 4 * 6),
    };
  });
}

export const attemptRow = (orgId: string, { at, endpointId, durationMs, statusCode, errorCode, number }: Seeded) => ({
  org_id: orgId,
  id: newId({ now: () => at }),
  delivery_id: newId(),
  endpoint_id: endpointId,
  event_id: newId(),
  number,
  started_at: new Date(at.getTime() - durationMs),
  duration_ms: durationMs,
  status_code: statusCode,
  error_code: errorCode,
});

/** Puts them on record as a worker does: as the application, in batches. */
export async function seed(database: TestDatabase, orgId: string, attempts: Seeded[]): Promise<void> {
  for (let start = 0; start < attempts.length; start += 1_000) {
    const rows = attempts.slice(start, start + 1_000).map((attempt) => attemptRow(orgId, attempt));
    await withTenant(database.app, orgId, (trx: Knex.Transaction) => trx('delivery_attempts').insert(rows));
  }
}
