import type { Knex } from 'knex';
import type pg from 'pg';
import { dispose } from './connections.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What of knex's transaction is used here; `knex.transaction(work)` returns it, and asks it to begin once it has a connection. */
interface KnexTransaction<T> extends Promise<T> {
  begin(connection: pg.Client): Promise<unknown>;
  /** Never rejects: when the statement fails, the transaction is over and rejects with the reason, and this resolves to undefined. */
  query(connection: pg.Client, sql: string): Promise<unknown>;
}

/** BEGIN and the fence in one message with one answer. Both hold or neither: without its fence a transaction sees and writes no row. */
export function fencedBegin(setting: 'app.org_id' | 'app.user_id', id: string): string {
  // A message of several statements takes no parameters.
  if (!UUID.test(id)) throw new TypeError(`${setting} must be a uuid`);
  return `BEGIN;SET LOCAL ${setting} = '${id}'`;
}

/**
 * Runs `work` in a transaction of knex that begins with `opening`. Its answer is not waited for, so it leaves in one write with what `work`
 * sends first (writeTogether in connections.ts). Not inside another transaction, whose fence would stay.
 */
export function openedBy<T>(opening: string, knex: Knex, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  if (knex.isTransaction) throw new TypeError('A fenced transaction begins on a pool; see inTenantOf for another fence within one');
  const transaction = knex.transaction(work) as unknown as KnexTransaction<T>;
  transaction.begin = async (connection) => {
    void transaction.query(connection, opening).then((answer) => {
      // It may be in a transaction that failed, and knex, for which it is over, sends no ROLLBACK: nobody may be handed it again.
      if (answer === undefined) dispose(connection, new Error('its transaction could not be opened'));
    });
  };
  return transaction;
}
