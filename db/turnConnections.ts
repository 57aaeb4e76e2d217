import type pg from 'pg';
import type { Pool } from './pool.ts';

/** Reads of one turn that share a connection; they run one after the other, so the last waits for the others. */
const MOST_READS = 8;

interface Shared {
  connection: Promise<pg.Client>;
  /** Reads that have it. */
  users: number;
  /** Reads that had it, those that are done included. */
  taken: number;
}

/** The connections that reads which begin in this turn of the event loop may join, by organization. */
const joinable = new WeakMap<Pool, Map<string, Shared>>();

/**
 * Runs a read that is one flight (db/flight.ts) on a connection which other reads of the same organization share, when they begin in the same
 * turn of the event loop: they leave in one write, which wakes one process of Postgres once. The busier this process is, the more of them there
 * are. Not reads of others: nobody waits for what another organization asks, and no connection works for two at a time.
 */
export async function onTurnConnection<T>(pool: Pool, orgId: string, read: (connection: pg.Client) => Promise<T>): Promise<T> {
  const shared = join(pool, orgId);
  const connection = await shared.connection;
  try {
    return await read(connection);
  } finally {
    shared.users -= 1;
    if (shared.users === 0) {
      close(pool, orgId, shared);
      await pool.releaseConnection(connection);
    }
  }
}

function join(pool: Pool, orgId: string): Shared {
  const byOrg = joinable.get(pool) ?? new Map<string, Shared>();
  joinable.set(pool, byOrg);
  let shared = byOrg.get(orgId);
  if (shared === undefined || shared.taken >= MOST_READS) {
    shared = open(pool, orgId);
    byOrg.set(orgId, shared);
  }
  shared.users += 1;
  shared.taken += 1;
  return shared;
}

function open(pool: Pool, orgId: string): Shared {
  const shared: Shared = { connection: heldBack(pool), users: 0, taken: 0 };
  // Also when the pool is full: who comes later has as much time to wait for a connection as who came first.
  setImmediate(() => close(pool, orgId, shared));
  return shared;
}

/** Nothing leaves before all that can be read from sockets in this turn was read. */
async function heldBack(pool: Pool): Promise<pg.Client> {
  const connection = await pool.acquireConnection();
  const { stream } = (connection as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection;
  stream.cork();
  setImmediate(() => stream.uncork());
  return connection;
}

/** Nobody joins any more. */
function close(pool: Pool, orgId: string, shared: Shared): void {
  const byOrg = joinable.get(pool);
  if (byOrg?.get(orgId) === shared) byOrg.delete(orgId);
}
