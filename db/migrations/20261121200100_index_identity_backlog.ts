import type { Knex } from 'knex';

/** What `services/health/identityBacklog.ts` asks for every quarter of a minute: the oldest mail that waits, and who is locked out now. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX mails_waiting ON mails (created_at) WHERE finished_at IS NULL');
  await knex.raw('CREATE INDEX auth_throttles_locked ON auth_throttles (locked_until) WHERE locked_until IS NOT NULL');
}
