import type { Knex } from 'knex';

/** A replay of events that have no delivery: `position` is then the last event that was looked at, and `statuses` is empty. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE webhook_replays ADD COLUMN missing boolean NOT NULL DEFAULT false');
}
