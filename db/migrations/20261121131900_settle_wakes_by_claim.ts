import type { Knex } from 'knex';

/** A claim settles the wake-ups of its endpoint itself: it finds them by endpoint, and passes over those that the relay has taken. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX outbox_subject ON outbox (org_id, subject_id)');
  // FOR UPDATE SKIP LOCKED asks for it.
  await knex.raw('GRANT UPDATE ON outbox TO artisan_app');
}
