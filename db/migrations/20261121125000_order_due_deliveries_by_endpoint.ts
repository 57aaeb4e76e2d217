import type { Knex } from 'knex';

/**
 * The index of due deliveries begins with the organization, as every fenced statement does: without statistics the planner took
 * deliveries_of_endpoint for a claim, which matches as many columns, and read all deliveries that an endpoint ever had.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX deliveries_due');
  await knex.raw('CREATE INDEX deliveries_due ON deliveries (org_id, endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX deliveries_due');
  await knex.raw('CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL');
}
