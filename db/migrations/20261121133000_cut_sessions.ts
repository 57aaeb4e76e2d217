import type { Knex } from 'knex';

/** Who is removed from an organization leaves it in every session; the sessions themselves are the person's and go on. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(CUT_SESSIONS);
  await knex.raw('GRANT EXECUTE ON FUNCTION cut_sessions(uuid) TO artisan_app, artisan_system');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION cut_sessions(uuid) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// Only for the organization whose transaction this is: it reaches no session that has entered another.
const CUT_SESSIONS = `
CREATE FUNCTION cut_sessions(wanted_user uuid) RETURNS int
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  WITH cut AS (
    UPDATE public.sessions SET active_org_id = NULL
    WHERE user_id = wanted_user AND active_org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
    RETURNING 1)
  SELECT count(*)::int FROM cut
$body$`;
