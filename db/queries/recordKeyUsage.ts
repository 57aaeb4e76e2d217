import type { Knex } from 'knex';

/** Adds counts of requests to the table, and moves forward when keys were used: one statement for all organizations, all or nothing. */
export async function recordKeyUsage(knex: Knex, counts: readonly object[], times: readonly object[]): Promise<void> {
  await knex.raw('SELECT record_api_key_usage(?::jsonb, ?::jsonb)', [JSON.stringify(counts), JSON.stringify(times)]);
}
