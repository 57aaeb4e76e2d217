import type { Knex } from 'knex';

/** When the receiver at the endpoint's URL last echoed a challenge; null: never, or the URL changed since. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE webhook_endpoints ADD COLUMN verified_at timestamptz');
}
