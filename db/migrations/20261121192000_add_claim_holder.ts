import type { Knex } from 'knex';

/** Who runs the request that claimed a key: see db/presence.ts. Null: a process of before, whose lock has to end. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE idempotency_keys ADD COLUMN holder uuid');
}
