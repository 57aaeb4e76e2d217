import type { Knex } from 'knex';

/**
 * Finds the dead letters of an organization. Its condition names no column that a claim changes: an index on `status` would cost every
 * claim an index entry (HOT). Neither what waits nor what was delivered is in it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX deliveries_given_up ON deliveries (org_id, id) WHERE next_attempt_at IS NULL AND delivered_at IS NULL');
}
