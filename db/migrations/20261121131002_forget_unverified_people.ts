import type { Knex } from 'knex';

/** Whoever signed up and never followed the link is forgotten: somebody else may have typed their address. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('GRANT DELETE ON users TO artisan_system');
  await knex.raw('CREATE INDEX users_unverified ON users (created_at) WHERE email_verified_at IS NULL');
}
