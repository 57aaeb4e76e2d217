import pg from 'pg';
import { newId } from '../server/ids.ts';

const CONNECT_TIMEOUT_MS = 2_000;
/** Apart from what else locks by a hash of a text. */
const SEED = 73;

/** The advisory lock of a holder; `holder` is SQL for its uuid. */
const lockOf = (holder: string): string => `hashtextextended(${holder}::text, ${SEED})`;

/** SQL, of a transaction of its own or a short one: true when no session stands for `holder` (SQL for a uuid) any more; null for null. */
export const isGone = (holder: string): string => `pg_try_advisory_xact_lock_shared(${lockOf(holder)})`;

/**
 * A session of Postgres that stands for this process by a lock which nobody else asks for alone: the lock goes with the session, and
 * the session with the process, within milliseconds of a kill -9. When the session is lost although the process lives, as in a crash of
 * Postgres, the next caller opens another one under another id: what is held under the old one counts as left behind, so a holder
 * must be fenced as well. A process that is only stopped stays present. See docs/adr/0073-claims-of-the-dead.md.
 */
export class Presence {
  readonly #url: string;
  #client: pg.Client | null = null;
  #entered: Promise<string> | null = null;
  #closed = false;

  /** Connects when it is first asked for its id. */
  constructor(url: string) {
    this.#url = url;
  }

  /** The uuid under which this process is present now. Throws what connecting throws. */
  id(): Promise<string> {
    this.#entered ??= this.#enter();
    return this.#entered;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }

  async #enter(): Promise<string> {
    if (this.#closed) throw new Error('Connection terminated');
    const client = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: CONNECT_TIMEOUT_MS,
      application_name: 'artisan presence',
    });
    this.#client = client;
    for (const event of ['error', 'end'] as const) client.on(event, () => this.#leave(client));
    const id = newId();
    try {
      await client.connect();
      await client.query(`SELECT pg_advisory_lock(${lockOf('$1')})`, [id]);
      return id;
    } catch (error) {
      this.#leave(client);
      client.end().catch(() => undefined);
      throw error;
    }
  }

  #leave(client: pg.Client): void {
    if (client !== this.#client) return;
    this.#client = null;
    this.#entered = null;
  }
}
