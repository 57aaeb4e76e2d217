import type { Knex } from 'knex';
import type pg from 'pg';
import { disposeIfEnded } from './connections.ts';
import { forgetValues } from './knex.ts';
import type { Answer, Statement } from './flight.ts';
import { TenantPipeline } from './pipeline.ts';
import { announce } from './pool.ts';
import type { Pool } from './pool.ts';

/** Where a statement of the hot path may run: inside an ordinary transaction, or in one that is sent without waiting. */
export type Sender = Knex.Transaction | TenantPipeline;

/**
 * Runs a named prepared statement (`$1`, `$2`, …): Postgres parses it once per connection and soon keeps its plan; for statements with many
 * partitions planning costs more than running. One name stands for one text; a plan is made anew after ANALYZE. Goes to the driver directly:
 * knex would read the whole text again with each call. It is sent before this returns its promise when `sender` is a pipeline.
 */
export function prepared<R extends pg.QueryResultRow>(sender: Sender, name: string, text: string, values: unknown[]): Promise<Answer<R>> {
  if (sender instanceof TenantPipeline) return sender.send<R>({ name, text, values });
  return onConnection<R>(sender, { name, text, values });
}

/** Runs a prepared statement in a transaction of its own and without a fence: for what is no row of an organization. */
export async function preparedAlone(knex: Knex, statement: Statement): Promise<void> {
  if (knex.isTransaction) throw new TypeError('A statement alone needs a pool');
  const pool = knex.client as Pool;
  const connection = await pool.acquireConnection();
  try {
    announce(pool, statement);
    await connection.query(statement);
  } catch (error) {
    if (error instanceof Error) disposeIfEnded(connection, error);
    throw error;
  } finally {
    await pool.releaseConnection(connection);
  }
}

async function onConnection<R extends pg.QueryResultRow>(trx: Knex.Transaction, statement: Statement): Promise<Answer<R>> {
  if (trx.isCompleted()) throw new Error('The transaction is over');
  const client = trx.client as Pool;
  // Inside a transaction this is the transaction's own connection.
  const connection = await client.acquireConnection();
  try {
    announce(client, statement);
    return await connection.query<R>(statement);
  } catch (error) {
    if (error instanceof Error) forgetValues(error);
    throw error;
  }
}
