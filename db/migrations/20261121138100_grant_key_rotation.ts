import type { Knex } from 'knex';

/** A rotation of encryption keys seals again as artisan_system: what the guard of sealed columns found without the privilege. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('GRANT SELECT, UPDATE ON key_rotations TO artisan_system');
}
