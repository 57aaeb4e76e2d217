import type { Knex } from 'knex';

/** Events are counted in memory and added for all organizations with one statement: nobody else writes the counts. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('REVOKE INSERT, UPDATE ON event_usage FROM artisan_app');
  await knex.raw('GRANT UPDATE ON event_usage TO artisan_system');
  await knex.raw(RECORD_EVENT_USAGE);
  await knex.raw('GRANT EXECUTE ON FUNCTION record_event_usage(uuid[], date[], bigint[]) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION record_event_usage(uuid[], date[], bigint[]) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// Adds, and tells what is on record then and what the organization may have; a count of 0 only asks. In one order, so that two processes
// that add for the same organizations do not wait for each other in a circle.
const RECORD_EVENT_USAGE = `
CREATE FUNCTION record_event_usage(orgs uuid[], months date[], counts bigint[])
RETURNS TABLE (org_id uuid, month date, events bigint, plan text, limit_overrides jsonb)
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  WITH given AS (
    SELECT o.id, g.month, g.added, o.plan, o.limit_overrides
    FROM unnest(orgs, months, counts) AS g (id, month, added) JOIN public.organizations o ON o.id = g.id
    WHERE o.erasure_started_at IS NULL AND g.added >= 0
  ), written AS (
    INSERT INTO public.event_usage AS u (org_id, month, events)
    SELECT id, given.month, added FROM given WHERE added > 0 ORDER BY id, given.month
    ON CONFLICT ON CONSTRAINT event_usage_pkey DO UPDATE SET events = u.events + excluded.events
    RETURNING u.org_id, u.month, u.events
  )
  SELECT given.id, given.month,
         coalesce(written.events, (SELECT e.events FROM public.event_usage e WHERE e.org_id = given.id AND e.month = given.month), 0),
         given.plan, given.limit_overrides
  FROM given LEFT JOIN written ON written.org_id = given.id AND written.month = given.month
$body$`;
