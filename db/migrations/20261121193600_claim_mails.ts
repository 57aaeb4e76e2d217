import type { Knex } from 'knex';

/** Which process hands the mail over at this moment (db/presence.ts), and until when that is believed of one that says nothing of its end. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE mails ADD COLUMN claimed_by uuid, ADD COLUMN claimed_until timestamptz');
}
