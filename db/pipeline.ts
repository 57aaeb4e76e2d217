import type { Knex } from 'knex';
import type pg from 'pg';
import { dispose, disposeIfEnded } from './connections.ts';
import { Flight, withTexts } from './flight.ts';
import type { Answer, Passenger, Statement } from './flight.ts';
import { forgetValues } from './knex.ts';
import { announce } from './pool.ts';
import type { Pool } from './pool.ts';
import { onTurnConnection } from './turnConnections.ts';

const BEGIN: Statement = { name: 'BEGIN', text: 'BEGIN', values: [] };
const COMMIT: Statement = { name: 'COMMIT', text: 'COMMIT', values: [] };

/**
 * One transaction of one organization whose statements are sent without waiting for the answers of those before. What is sent in one turn of
 * the event loop is one flight; Postgres runs flights in order, and after a statement that fails it refuses the rest. A flight that is all of
 * the transaction needs no BEGIN and no COMMIT; what asks for a transaction block (LOCK TABLE) is refused there.
 */
export class TenantPipeline {
  readonly #pool: Pool;
  readonly #connection: pg.Client;
  /** Sets the fence; null when it was sent. */
  #opening: Statement | null;
  #waiting: Passenger[] = [];
  #follower: Passenger | null = null;
  #departs = false;
  /** BEGIN was sent, and Postgres has not answered COMMIT. */
  #isOpen = false;
  #failure: Error | null = null;
  #commit: Promise<void> | null = null;
  /** Set while the commit waits for its flight. */
  #settle: ((error: Error | null) => void) | null = null;

  /** Use withPipeline. */
  constructor(pool: Pool, connection: pg.Client, opening: Statement) {
    this.#pool = pool;
    this.#connection = connection;
    this.#opening = opening;
  }

  /** Sent with this turn; the answer's rows. Rejects with what Postgres says about the first statement that failed; who does not wait need not catch. */
  send<R extends pg.QueryResultRow>(statement: Statement): Promise<Answer<R>> {
    if (this.#commit !== null) return Promise.reject(new Error('The transaction is over'));
    announce(this.#pool, statement);
    const answer = new Promise<Answer<R>>((resolve, reject) => {
      this.#waiting.push({
        statement: this.#written(statement),
        resolve: resolve as Passenger['resolve'],
        reject: (error) => reject(this.#failure ?? error),
      });
    });
    answer.catch(() => undefined);
    this.#departSoon();
    return answer;
  }

  /** Sent with this turn, behind all statements. Resolves when they are durable; rejects when one of them failed. */
  commit(): Promise<void> {
    if (this.#commit === null) {
      this.#commit = new Promise((resolve, reject) => {
        this.#settle = (error) => (error ? reject(error) : resolve());
      });
      // Whoever asked early waits later; until then its failure is not unhandled.
      this.#commit.catch(() => undefined);
      this.#departSoon();
    }
    return this.#commit;
  }

  /**
   * Sends a statement in the same write as the commit that was asked for in this turn, and behind it: it is a transaction of its own without a
   * fence, and holds whether or not the commit does. For a hint; the connection may serve others before it is answered.
   */
  follow(statement: Statement): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#follower = { statement, resolve, reject };
    });
    answer.catch(() => undefined);
    return answer;
  }

  /** Gives up what was not committed. Never rejects: a connection that cannot roll back is closed. */
  async rollback(): Promise<void> {
    const reason = new Error('rolled back');
    this.#commit ??= Promise.reject(reason);
    await this.#commit.catch(() => undefined);
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    if (this.#isOpen) await this.#connection.query('ROLLBACK').catch((error: Error) => dispose(this.#connection, error));
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** A value that cannot be written fails the transaction, not the connection that others may share. */
  #written(statement: Statement): Statement {
    try {
      return withTexts(statement);
    } catch (error) {
      this.#failed(error as Error);
      return statement;
    }
  }

  #failed(error: Error): void {
    forgetValues(error);
    // The first failure is the reason of all others.
    this.#failure ??= error;
    disposeIfEnded(this.#connection, error);
  }

  #departSoon(): void {
    if (this.#departs) return;
    this.#departs = true;
    // Behind the promises that can go on now.
    process.nextTick(() => this.#depart());
  }

  #depart(): void {
    this.#departs = false;
    const settle = this.#settle;
    this.#settle = null;
    const follower = this.#follower;
    const passengers = this.#waiting.splice(0);
    if (this.#failure) {
      for (const { reject } of passengers) reject(this.#failure);
      settle?.(this.#failure);
      follower?.reject(this.#failure);
    } else if (passengers.length > 0 || this.#isOpen) {
      this.#fly(new Flight(this.#withEnds(passengers, settle !== null), Math.max(1, passengers.length)), (error) => {
        if (error) this.#failed(error);
        settle?.(this.#failure);
      });
      if (follower) this.#fly(new Flight([follower], 1), () => undefined);
    } else {
      settle?.(null);
      follower?.reject(new Error('There is no commit to follow'));
    }
  }

  /** The fence ahead of the first flight; BEGIN and COMMIT when there are several. */
  #withEnds(passengers: Passenger[], isLast: boolean): Passenger[] {
    const flying = [...passengers];
    if (this.#opening) {
      flying.unshift(unasked(this.#opening));
      if (!isLast) flying.unshift(unasked(BEGIN));
      this.#isOpen = !isLast;
      this.#opening = null;
    } else if (isLast) flying.push({ ...unasked(COMMIT), resolve: ({ command }) => this.#committed(command) });
    return flying;
  }

  #committed(command: string): void {
    this.#isOpen = false;
    if (command !== 'COMMIT') this.#failed(new Error(`Postgres answered COMMIT with ${command}`));
  }

  #fly(flight: Flight, landed: (error: Error | null) => void): void {
    const query = this.#connection.query.bind(this.#connection) as unknown as (...args: [Flight, typeof landed]) => void;
    query(flight, (error) => {
      if (error && flight.leavesDoubt) dispose(this.#connection, error);
      landed(error);
    });
  }
}

const unasked = (statement: Statement): Passenger => ({ statement, resolve: () => undefined, reject: () => undefined });

const FENCE = { name: 'fence', text: "SELECT set_config('app.org_id', $1, true)" };
const FENCE_OF_READ = {
  name: 'fence-of-read',
  text: "SELECT set_config('app.org_id', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true)",
};

/**
 * Runs `work` in one transaction that sees and writes only the rows of `orgId` (uuid), like withTenant, for statements of the hot path.
 * Commits when `work` resolves, unless it sent the commit itself (`commit()`, to save the round trip); rolls back when it throws.
 * Throws what failed first. The pool must be one of createKnex.
 */
export function withPipeline<T>(knex: Knex, orgId: string, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  return openedWith({ ...FENCE, values: [orgId] }, knex, work);
}

async function openedWith<T>(opening: Statement, knex: Knex, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  const pool = knex.client as Pool;
  const connection = await pool.acquireConnection();
  try {
    return await runToCommit(new TenantPipeline(pool, connection, opening), work);
  } finally {
    await pool.releaseConnection(connection);
  }
}

async function runToCommit<T>(pipeline: TenantPipeline, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  try {
    const result = await work(pipeline);
    await pipeline.commit();
    return result;
  } catch (error) {
    await pipeline.rollback();
    throw pipeline.failure ?? error;
  }
}

/**
 * Runs a read of one organization in one write: COMMIT leaves with what `read` sends before it first waits, and what it would send later is
 * refused. Its reads of one turn of the event loop leave together (turnConnections.ts). Plans are kept: planning a page of a partitioned table
 * anew costs more than reading it. Otherwise as withPipeline.
 */
export function readWithPipeline<T>(knex: Knex, orgId: string, read: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
  const pool = knex.client as Pool;
  const opening = { ...FENCE_OF_READ, values: [orgId] };
  return onTurnConnection(pool, orgId, (connection) =>
    runToCommit(new TenantPipeline(pool, connection, opening), (pipeline) => {
      const result = read(pipeline);
      void pipeline.commit();
      return result;
    }),
  );
}

/** What a change comes to once Postgres has answered the statements that it sent last. Rejects only with what Postgres refused. */
export interface Sent<T> {
  written: Promise<T>;
}

/** The fence, and planning as preparedByKey plans, from the first statement on and without a statement of its own. */
const FENCE_OF_CHANGE = {
  name: 'fence-of-change',
  text: `SELECT set_config('app.org_id', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`,
};

/**
 * Runs a change of one organization whose rows are found by key. `change` resolves when it has sent everything, and COMMIT leaves with what it
 * sent last; it must have decided by then. A change that looks at what it changes takes two writes so. Otherwise as withPipeline.
 */
export function changeWithPipeline<T>(knex: Knex, orgId: string, change: (pipeline: TenantPipeline) => Promise<Sent<T>>): Promise<T> {
  return openedWith({ ...FENCE_OF_CHANGE, values: [orgId] }, knex, async (pipeline) => {
    const { written } = await change(pipeline);
    void pipeline.commit();
    return written;
  });
}
