import type { Knex } from 'knex';

/** Counts the dead letters of one endpoint without reading those of the others. Same condition as deliveries_given_up, for the same reason. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'CREATE INDEX deliveries_given_up_by_endpoint ON deliveries (org_id, endpoint_id, id) WHERE next_attempt_at IS NULL AND delivered_at IS NULL',
  );
}
