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

const RECORD = 'SELECT record_api_key_usage(?::jsonb, ?::jsonb), pg_current_xact_id()::text AS xid';

/**
 * Adds counts of requests to the table, and moves forward when keys were used: one statement for all organizations, all or nothing.
 * Throws CommitInDoubt when they may be there; after any other error they are not.
 */
export async function recordKeyUsage(knex: Knex, counts: readonly object[], times: readonly object[]): Promise<void> {
  const begun: { xid?: string } = {};
  try {
    await knex.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: [{ xid: string }] }>(RECORD, [JSON.stringify(counts), JSON.stringify(times)]);
      begun.xid = rows[0].xid;
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
