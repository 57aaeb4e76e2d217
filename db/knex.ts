import createKnexInstance from 'knex';
import type { Knex } from 'knex';
import pg from 'pg';
import { destroyWhenSilent, writeTogether } from './connections.ts';

interface KnexOptions {
  /** Most connections this pool opens. */
  max: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Longest statement, milliseconds; 0: no limit (migrations). */
  statementTimeoutMs: number;
  /** Longest pause inside a transaction before the server ends the connection, milliseconds; default 15,000; 0: no limit. */
  idleTransactionMs?: number;
}

const ACQUIRE_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const IDLE_TRANSACTION_MS = 15_000;
/** How long after the server's own limit a silent connection is taken for dead. */
const SILENCE_MARGIN_MS = 3_000;

/**
 * A pool of connections that gives up quickly when Postgres is away and replaces connections that died.
 * int8 arrives as a number; a value beyond 2^53 rejects the query instead of losing digits.
 */
export function createKnex(url: string, options: KnexOptions): Knex {
  const { max, applicationName, statementTimeoutMs, idleTransactionMs = IDLE_TRANSACTION_MS } = options;
  const knex = createKnexInstance({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: applicationName,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: idleTransactionMs,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // Lets withPipeline send statements without waiting; whoever waits for each answer notices nothing.
      pipeline: true,
      types: typeParsers(),
    } as Knex.PgConnectionConfig,
    pool: {
      min: 0,
      max,
      createRetryIntervalMillis: 50,
      afterCreate: (connection: pg.Client, done: (error: Error | null, connection: pg.Client) => void) => {
        writeTogether(connection);
        if (statementTimeoutMs > 0) destroyWhenSilent(connection, { statementTimeoutMs, marginMs: SILENCE_MARGIN_MS });
        done(null, connection);
      },
    },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    compileSqlOnError: false,
    // What knex would warn about (a lost or refused connection) reaches the caller as an error, who logs it with its request.
    log: { warn: () => {} },
  });
  return knex.on('query-error', forgetValues);
}

/** Postgres quotes the row or value it refused, and errors end up in logs. The constraint and column names stay. */
export function forgetValues(error: Error & { detail?: string; where?: string }): void {
  delete error.detail;
  delete error.where;
}

/** How values of rows are read: int8 as a number. */
export function typeParsers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, safeInteger);
  return types;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a JavaScript number`);
  return value;
}
