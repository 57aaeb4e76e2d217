import type { Knex } from 'knex';

/**
 * Lets the worker refresh the planner's view of `deliveries` when it has changed much. Autovacuum looks only once a minute; until then
 * Postgres takes every organization and endpoint for one of two hundred, and a claim reads all rows of the endpoint instead of the due ones.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(REFRESH);
  await knex.raw('GRANT EXECUTE ON FUNCTION refresh_statistics() TO artisan_system');
}

const REFRESH = `
CREATE FUNCTION refresh_statistics() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '1s' AS $body$
BEGIN
  IF pg_stat_get_mod_since_analyze('public.deliveries'::regclass) < greatest(1000, pg_stat_get_live_tuples('public.deliveries'::regclass)) THEN
    RETURN false;
  END IF;
  ANALYZE public.deliveries;
  RETURN true;
END
$body$`;
