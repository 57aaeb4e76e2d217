import type { Knex } from 'knex';

/** The connection broke while a transaction was committed: only Postgres knows whether it was. */
export class CommitInDoubt extends Error {
  readonly #isCommitted: () => Promise<boolean>;

  constructor(isCommitted: () => Promise<boolean>, options: ErrorOptions) {
    super('The connection broke in the moment of the commit', options);
    this.name = 'CommitInDoubt';
    this.#isCommitted = isCommitted;
  }

  /** Throws while it cannot be told: Postgres is away, or has not noticed that the connection broke. */
  isCommitted(): Promise<boolean> {
    return this.#isCommitted();
  }
}

/** What a statement names the transaction it runs in by; without rows it must have written nothing. */
export const XID = 'pg_current_xact_id()::text AS xid';

/**
 * Commits one statement that must not be repeated once it is committed. Its rows tell `XID`.
 * Throws CommitInDoubt when what it wrote may be there; after any other error it is not.
 */
export async function commitOnce<Row extends object>(knex: Knex, sql: string, values: readonly Knex.Value[]): Promise<Row[]> {
  const begun: { xid?: string | undefined } = {};
  try {
    return await knex.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: (Row & { xid: string })[] }>(sql, values);
      begun.xid = rows[0]?.xid;
      return rows;
    });
  } catch (cause) {
    const { xid } = begun;
    if (xid === undefined) throw cause;
    throw new CommitInDoubt(() => isCommitted(knex, xid), { cause });
  }
}

/**
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT; what is too old to be known passes for committed.
 * Postgres may reuse an id that was never flushed before a crash, so counts may then be lost, never doubled.
 */
async function isCommitted(knex: Knex, xid: string): Promise<boolean> {
  const { rows } = await knex.raw<{ rows: [{ status: string | null }] }>('SELECT pg_xact_status(?::text::xid8) AS status', [xid]);
  const [{ status }] = rows;
  if (status === 'in progress') throw new Error(`Transaction ${xid} has not ended yet`);
  return status !== 'aborted';
}
