import type { Knex } from 'knex';

/** Mails that wait to be sent. Content is sealed, because it holds tokens, and gone once the mail is sent or given up. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(MAILS);
  await knex.raw('CREATE INDEX mails_unfinished ON mails (next_attempt_at) WHERE finished_at IS NULL');
  await knex.raw('CREATE INDEX mails_finished ON mails (finished_at) WHERE finished_at IS NOT NULL');
  await knex.raw('ALTER TABLE mails ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
  await knex.raw(POST_OWN);
  // The application posts and never reads: what is in the box is read by the worker's activity alone, as artisan_system.
  await knex.raw('GRANT INSERT ON mails TO artisan_app');
  await knex.raw('GRANT SELECT, INSERT, UPDATE, DELETE ON mails TO artisan_system');
}

// Not `org_id` and `user_id`: a mail belongs to an organization, or to a person who may be in none, so neither fence fits (ADR 0068).
const MAILS = `
CREATE TABLE mails (
  id uuid PRIMARY KEY,
  for_org_id uuid,
  for_user_id uuid,
  template text NOT NULL,
  sealed bytea,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'retrying', 'sent', 'given_up')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  last_error text,
  created_at timestamptz NOT NULL,
  give_up_at timestamptz NOT NULL,
  finished_at timestamptz,
  CHECK (for_org_id IS NOT NULL OR for_user_id IS NOT NULL),
  CHECK ((status IN ('sent', 'given_up')) = (finished_at IS NOT NULL)),
  CHECK ((finished_at IS NULL) = (sealed IS NOT NULL))
)`;

const POST_OWN = `
CREATE POLICY post_own ON mails FOR INSERT WITH CHECK (
  for_org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
  OR for_org_id IS NULL AND for_user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
)`;
