import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../server/ids.ts';

/** For connecting, and for each answer. */
const TIMEOUT_MS = 2_000;
const CHECK_EVERY_MS = 30_000;
/** Before whatever lies in between forgets a connection on which nothing is said. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** Apart from what else locks by a hash of a text. */
const SEED = 73;

/** The advisory lock of a holder; `holder` is SQL for its uuid. */
const lockOf = (holder: string): string => `hashtextextended(${holder}::text, ${SEED})`;

/** SQL, of a transaction of its own or a short one: true when no session stands for `holder` (SQL for a uuid) any more; null for null. */
export const isGone = (holder: string): string => `pg_try_advisory_xact_lock_shared(${lockOf(holder)})`;

/** SQL, by which a session enters: nothing is said on it for long, and a database that ends idle sessions must spare it. */
const ENTER = `SELECT pg_advisory_lock(${lockOf('$1')}), set_config('idle_session_timeout', '0', false), pg_backend_pid() AS pid`;
const CHECK = 'SELECT pg_backend_pid() AS pid';

/**
 * A session of Postgres that stands for this process by a lock which nobody else asks for alone: the lock goes with the session, and
 * the session with the process, within milliseconds of a kill -9. When the session is lost although the process lives, as in a crash of
 * Postgres, the next caller opens another one under another id: what is held under the old one counts as left behind, so a holder
 * must be fenced as well. Only the server's side of it may be lost, and nothing says so here: who writes down its id as a holder asks
 * `isGone` of it in the same statement, and calls `leave` when it is. A process that is only stopped stays present. See docs/adr/0073-claims-of-the-dead.md.
 */
export class Presence {
  readonly #url: string;
  readonly #checkEveryMs: number;
  #client: pg.Client | null = null;
  #id: string | null = null;
  #entered: Promise<string> | null = null;
  #check: NodeJS.Timeout | undefined;
  #closed = false;

  /** Connects when it is first asked for its id; from then on it looks every `checkEveryMs` whether its session is still the same. */
  constructor(url: string, { checkEveryMs = CHECK_EVERY_MS }: { checkEveryMs?: number } = {}) {
    this.#url = url;
    this.#checkEveryMs = checkEveryMs;
  }

  /** The uuid under which this process is present now. Throws what connecting throws. */
  id(): Promise<string> {
    this.#entered ??= this.#enter();
    return this.#entered;
  }

  /** `id` was found to be gone: the next caller of `id()` enters under another one. Does nothing when that has happened already. */
  leave(id: string): void {
    if (this.#client !== null && id === this.#id) this.#drop(this.#client);
  }

  /** Resolves within seconds, also when nothing answers any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#check);
    await Promise.race([this.#client?.end().catch(() => undefined), sleep(TIMEOUT_MS, undefined, { ref: false })]);
  }

  async #enter(): Promise<string> {
    if (this.#closed) throw new Error('Connection terminated');
    const client = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      connectionTimeoutMillis: TIMEOUT_MS,
      statement_timeout: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      application_name: 'artisan presence',
    });
    this.#client = client;
    for (const event of ['error', 'end'] as const) client.on(event, () => this.#forget(client));
    const id = newId();
    try {
      await client.connect();
      const pid = await pidOf(client, ENTER, [id]);
      if (client === this.#client) {
        this.#id = id;
        this.#watch(client, pid);
      }
      return id;
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  /** Another pid is another session, handed out by a proxy in place of the one that holds the lock. */
  #watch(client: pg.Client, pid: number | undefined): void {
    const look = async (): Promise<void> => {
      const found = await pidOf(client, CHECK).catch(() => null);
      if (found !== pid) this.#drop(client);
      else if (client === this.#client && !this.#closed) this.#watch(client, pid);
    };
    this.#check = setTimeout(() => void look(), this.#checkEveryMs).unref();
  }

  #drop(client: pg.Client): void {
    this.#forget(client);
    client.end().catch(() => undefined);
  }

  #forget(client: pg.Client): void {
    if (client !== this.#client) return;
    clearTimeout(this.#check);
    this.#client = null;
    this.#id = null;
    this.#entered = null;
  }
}

async function pidOf(client: pg.Client, sql: string, values?: string[]): Promise<number | undefined> {
  return (await client.query<{ pid: number }>(sql, values)).rows[0]?.pid;
}
