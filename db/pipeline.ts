import type { Knex } from 'knex';
import type pg from 'pg';
import { dispose } from './connections.ts';
import { forgetValues } from './knex.ts';
import { fencedBegin } from './openedBy.ts';

/** A statement that Postgres keeps parsed and planned on each connection: one name stands for one text. Placeholders are `$1`, `$2`, … */
export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/** What of knex's client is used here. */
export interface Pool {
  emit(event: 'query', query: { sql: string; bindings: unknown[] }): void;
  acquireConnection(): Promise<pg.Client>;
  releaseConnection(connection: pg.Client): Promise<void>;
}

/**
 * One transaction of one organization whose statements are sent without waiting for the answers of those before: BEGIN, the fence,
 * the work and COMMIT travel together. Postgres runs them in order; after one that fails it refuses the rest, and COMMIT rolls back.
 */
export class TenantPipeline {
  readonly #pool: Pool;
  readonly #connection: pg.Client;
  #failure: Error | null = null;
  #commit: Promise<void> | null = null;

  /** Use withPipeline. */
  constructor(pool: Pool, connection: pg.Client, opening: string) {
    this.#pool = pool;
    this.#connection = connection;
    void this.#send({ text: opening });
  }

  /** Sent at once; the answer's rows. Rejects with what Postgres says about the first statement that failed; who does not wait need not catch. */
  send<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R>> {
    if (this.#commit !== null) return Promise.reject(new Error('The transaction is over'));
    announce(this.#pool, statement);
    return this.#send(statement) as Promise<pg.QueryResult<R>>;
  }

  /** Sent at once, behind all statements. Resolves when they are durable; rejects when one of them failed. */
  commit(): Promise<void> {
    this.#commit ??= this.#end();
    // Whoever asked early waits later; until then its failure is not unhandled.
    this.#commit.catch(() => undefined);
    return this.#commit;
  }

  /** Gives up what was not committed. Never rejects: a connection that cannot roll back is closed. */
  async rollback(): Promise<void> {
    if (this.#commit !== null) return this.#commit.catch(() => undefined);
    this.#commit = Promise.reject(this.failure ?? new Error('rolled back'));
    this.#commit.catch(() => undefined);
    await this.#connection.query('ROLLBACK').catch((error: Error) => dispose(this.#connection, error));
  }

  get failure(): Error | null {
    return this.#failure;
  }

  async #end(): Promise<void> {
    const { command } = await this.#send({ text: 'COMMIT' });
    if (command !== 'COMMIT') throw this.#failure ?? new Error(`Postgres answered COMMIT with ${command}`);
  }

  #send(statement: { name?: string; text: string; values?: unknown[] }): Promise<pg.QueryResult> {
    const answer = this.#connection.query(statement);
    const watched = answer.catch((error: Error) => {
      forgetValues(error);
      this.#failure ??= error;
      throw this.#failure;
    });
    watched.catch(() => undefined);
    return watched;
  }
}

/**
 * Runs `work` in one transaction that sees and writes only the rows of `orgId` (uuid), like withTenant, for statements of the hot path.
 * Commits when `work` resolves, unless it sent the commit itself (`commit()`, to save the round trip); rolls back when it throws.
 * Throws what failed first. The pool must be one of createKnex.
 */
export function withPipeline<T>(knex: Knex, orgId: string, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  return openedWith(fencedBegin('app.org_id', orgId), knex, work);
}

async function openedWith<T>(opening: string, knex: Knex, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  const pool = knex.client as Pool;
  const connection = await pool.acquireConnection();
  try {
    const pipeline = new TenantPipeline(pool, connection, opening);
    try {
      const result = await work(pipeline);
      await pipeline.commit();
      return result;
    } catch (error) {
      await pipeline.rollback();
      throw pipeline.failure ?? error;
    }
  } finally {
    await pool.releaseConnection(connection);
  }
}

/**
 * Runs a read of one organization in one write: COMMIT leaves with what `read` sends before it first waits, and what it would send later is
 * refused. Plans are kept: planning a page of a partitioned table anew costs more than reading it. Otherwise as withPipeline.
 */
export function readWithPipeline<T>(knex: Knex, orgId: string, read: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  const opening = `${fencedBegin('app.org_id', orgId)};SET LOCAL plan_cache_mode = force_generic_plan`;
  return openedWith(opening, knex, (pipeline) => {
    const result = read(pipeline);
    void pipeline.commit();
    return result;
  });
}

/** Whoever listens to knex's queries hears of these too. */
export function announce(pool: Pool, { text, values }: Statement): void {
  pool.emit('query', { sql: text, bindings: values });
}
