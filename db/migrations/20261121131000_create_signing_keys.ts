import type { Knex } from 'knex';

/**
 * The installation's keys that sign access tokens. The private part is sealed by the master vault, which also proves that a row is ours.
 * `activates_at`: from then on it signs; before, it is only published. `retires_at`: tokens that it signed are over by then.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activates_at timestamptz NOT NULL,
    retires_at timestamptz CHECK (retires_at >= activates_at)
  )`);
  await knex.raw('GRANT SELECT, INSERT ON signing_keys TO artisan_app');
  await knex.raw('GRANT SELECT, INSERT, UPDATE, DELETE ON signing_keys TO artisan_system');
  await knex.raw(NOTIFY);
  await knex.raw(`CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION notify_signing_keys_change()`);
}

// On the channel on which processes hear of access anyway: one connection for all of it.
const NOTIFY = `
CREATE FUNCTION notify_signing_keys_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  PERFORM pg_notify('access_changed', 'signing_keys');
  RETURN NULL;
END
$body$`;
