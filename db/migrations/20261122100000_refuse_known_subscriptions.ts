import type { Knex } from 'knex';

/** What publishing remembers of subscriptions is compared within its transaction (services/events/subscriptions.ts); this ends it when they changed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION refuse_known_subscriptions() RETURNS boolean LANGUAGE plpgsql SET search_path TO 'pg_catalog' AS $$
    BEGIN
      RAISE EXCEPTION 'subscriptions have changed since they were read' USING ERRCODE = 'AP001';
    END $$`);
  await knex.raw('REVOKE ALL ON FUNCTION refuse_known_subscriptions() FROM PUBLIC');
  await knex.raw('GRANT EXECUTE ON FUNCTION refuse_known_subscriptions() TO artisan_app');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION refuse_known_subscriptions()');
}
