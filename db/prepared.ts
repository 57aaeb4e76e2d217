import type { Knex } from 'knex';

/** The driver's name for a statement it may keep parsed and planned on each connection. knex hands options through to it. */
interface WithOptions<T> extends Promise<T> {
  options(options: { name: string }): Promise<T>;
}

/**
 * Runs a statement of the hot path as a named prepared statement: Postgres parses it once per connection and soon keeps its plan.
 * For statements with many partitions planning costs more than running. One name stands for one text; a plan is made anew after ANALYZE.
 */
export function prepared<T>(trx: Knex.Transaction, name: string, sql: string, bindings: readonly unknown[]): Promise<T> {
  return (trx.raw(sql, bindings as Knex.RawBinding[]) as unknown as WithOptions<T>).options({ name });
}
