import type { Knex } from 'knex';

/**
 * A promise is found by what it is about. Three hundred rows a second come to `outbox` and go again, so statistics mostly take it for empty, and
 * for an empty table any index will do: settling an endpoint's promises walked over all rows of its organization that were deleted since the last
 * vacuum, because two indexes began with the organization. Now one does, and it goes on with the subject.
 */
export async function up(knex: Knex): Promise<void> {
  // Publishing waits behind whoever waits for this table: rather try again than let one long transaction hold up all of it.
  await knex.raw("SET LOCAL lock_timeout = '5s'");
  await knex.raw('ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ADD PRIMARY KEY (org_id, subject_id, id)');
  await knex.raw('DROP INDEX outbox_subject');
  await knex.raw('CREATE INDEX outbox_id ON outbox (id)');
  // Small, and mostly dead rows: by their number alone, and at once.
  await knex.raw(
    'ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX outbox_id');
  await knex.raw('ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ADD PRIMARY KEY (org_id, id)');
  await knex.raw('CREATE INDEX outbox_subject ON outbox (org_id, subject_id)');
  await knex.raw('ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)');
  await knex.raw('ALTER TABLE outbox RESET (autovacuum_vacuum_cost_delay)');
}
