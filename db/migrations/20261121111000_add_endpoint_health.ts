import type { Knex } from 'knex';

/** What the delivery engine knows of an endpoint's health; see services/webhooks/health.ts. Not indexed: it changes with deliveries. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE webhook_endpoints
    ADD COLUMN consecutive_failures int NOT NULL DEFAULT 0,
    ADD COLUMN failing_since timestamptz,
    ADD COLUMN held_until timestamptz`);
}
