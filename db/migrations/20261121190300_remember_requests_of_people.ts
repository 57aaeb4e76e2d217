import type { Knex } from 'knex';
import { createUserTable } from '../userTable.ts';

/** What a person's request with an Idempotency-Key made, for those that belong to no organization yet. */
export async function up(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'person_requests',
    columns: `
      id uuid NOT NULL,
      route text NOT NULL,
      key text NOT NULL,
      fingerprint bytea NOT NULL,
      made_id uuid NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      UNIQUE (user_id, route, key)`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX person_requests_expiry ON person_requests (expires_at)');
}
