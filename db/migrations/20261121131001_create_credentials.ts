import type { Knex } from 'knex';
import { createUserTable } from '../userTable.ts';

/** Passwords, the tokens that keep people signed in or prove that a mailbox is theirs, and what slows down guessing. */
export async function up(knex: Knex): Promise<void> {
  await createPasswords(knex);
  await createRefreshTokens(knex);
  await createPersonTokens(knex);
  await createThrottles(knex);
  await createLookup(knex);
}

/** `hash`: argon2id in PHC format, which names its parameters. */
async function createPasswords(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'passwords',
    columns: `
      hash text NOT NULL,
      changed_at timestamptz NOT NULL`,
    primaryKey: '(user_id)',
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
}

// `sealed_successor` gives whoever lost the answer the same successor again, for seconds; it is emptied when the successor is used.
async function createRefreshTokens(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'refresh_tokens',
    columns: `
      id uuid NOT NULL,
      session_id uuid NOT NULL,
      digest bytea NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      successor_id uuid,
      sealed_successor bytea,
      UNIQUE (user_id, digest),
      CHECK ((used_at IS NULL) = (successor_id IS NULL))`,
    parents: { session_id: 'sessions', successor_id: 'refresh_tokens' },
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX refresh_tokens_session ON refresh_tokens (user_id, session_id)');
  await knex.raw('CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at)');
}

// Of a registration, the password and name wait here: they count only when its own link is followed, so that nobody prepares
// an account under somebody else's address.
async function createPersonTokens(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'person_tokens',
    columns: `
      id uuid NOT NULL,
      purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
      digest bytea NOT NULL,
      email text NOT NULL,
      name text,
      password_hash text,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      UNIQUE (user_id, digest)`,
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX person_tokens_expiry ON person_tokens (expires_at)');
}

// `subject` is a keyed digest: who reads the table learns neither addresses nor accounts.
async function createThrottles(knex: Knex): Promise<void> {
  await knex.raw(`CREATE TABLE auth_throttles (
    subject text PRIMARY KEY,
    count int NOT NULL,
    window_ends_at timestamptz NOT NULL,
    locked_until timestamptz
  )`);
  await knex.raw('CREATE INDEX auth_throttles_window ON auth_throttles (window_ends_at)');
  await knex.raw('GRANT SELECT, INSERT, UPDATE, DELETE ON auth_throttles TO artisan_app, artisan_system');
}

// Whom an address belongs to, before anybody has proven anything: the id, so that the rows can be entered, and nothing else.
async function createLookup(knex: Knex): Promise<void> {
  await knex.raw(`
CREATE FUNCTION find_person(wanted_email text) RETURNS TABLE (id uuid, email_verified_at timestamptz)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 1 AS $body$
  SELECT u.id, u.email_verified_at FROM public.users u WHERE u.email = wanted_email AND u.deleted_at IS NULL
$body$`);
  await knex.raw('GRANT EXECUTE ON FUNCTION find_person(text) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION find_person(text) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}
