import type { Knex } from 'knex';
import { createUserTable } from '../userTable.ts';

const EVERYTHING = 'SELECT, INSERT, UPDATE, DELETE';

/** Second factors of people (ADR 0065), and what proves them. */
export async function up(knex: Knex): Promise<void> {
  await createTotp(knex);
  await createWebauthn(knex);
  await createUserTable(knex, {
    name: 'recovery_codes',
    columns: `
      id uuid NOT NULL,
      digest bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      used_at timestamptz,
      UNIQUE (user_id, digest)`,
    app: EVERYTHING,
    system: EVERYTHING,
  });
}

// A new secret is confirmed before it replaces the one in use. `last_step`: the newest step of 30 s whose code was accepted.
async function createTotp(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'totp_factors',
    columns: `
      id uuid NOT NULL,
      sealed_secret bytea NOT NULL,
      last_step integer,
      created_at timestamptz NOT NULL DEFAULT now(),
      confirmed_at timestamptz`,
    app: EVERYTHING,
    system: EVERYTHING,
  });
  await knex.raw('CREATE UNIQUE INDEX totp_factors_confirmed_idx ON totp_factors (user_id) WHERE confirmed_at IS NOT NULL');
  await knex.raw('CREATE UNIQUE INDEX totp_factors_pending_idx ON totp_factors (user_id) WHERE confirmed_at IS NULL');
}

// A credential id is random and belongs to one authenticator: the same one for two people is a fault or an attack (WebAuthn 7.1 step 26).
async function createWebauthn(knex: Knex): Promise<void> {
  await createUserTable(knex, {
    name: 'webauthn_credentials',
    columns: `
      id uuid NOT NULL,
      credential_id text NOT NULL UNIQUE,
      public_key bytea NOT NULL,
      counter bigint NOT NULL,
      transports text[] NOT NULL,
      name text NOT NULL,
      aaguid text NOT NULL,
      synced boolean NOT NULL,
      backed_up boolean NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz`,
    app: EVERYTHING,
    system: EVERYTHING,
  });
  // `bound_to`: the session or the pending login that asked; nobody else can answer.
  await createUserTable(knex, {
    name: 'webauthn_challenges',
    columns: `
      id uuid NOT NULL,
      challenge text NOT NULL,
      purpose text NOT NULL CHECK (purpose IN ('register', 'authenticate')),
      bound_to text NOT NULL,
      expires_at timestamptz NOT NULL`,
    app: EVERYTHING,
    system: EVERYTHING,
  });
}
