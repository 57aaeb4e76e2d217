import type { Knex } from 'knex';

/** Which lane serves an endpoint and since when; see services/webhooks/express. The index finds those of the express lane that have work. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE webhook_endpoints
    ADD COLUMN lane text NOT NULL DEFAULT 'own' CHECK (lane IN ('own', 'express')),
    ADD COLUMN lane_since timestamptz`);
  await knex.raw("CREATE INDEX webhook_endpoints_express ON webhook_endpoints (id) WHERE lane = 'express'");
}
