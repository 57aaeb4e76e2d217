import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/**
 * What retention needs to remove events, deliveries and attempts. Nobody is granted DELETE for it: the two functions are the only way,
 * and they refuse what is young. The audit tables are out of their reach.
 */
export async function up(knex: Knex): Promise<void> {
  await letRetentionChangeAttempts(knex);
  await knex.raw(EXPIRE_HISTORY);
  await knex.raw('GRANT EXECUTE ON FUNCTION expire_history(timestamptz, int) TO artisan_system');
  await createHoldsUnfinished(knex);
  await knex.raw(DROP_HISTORY_PARTITION);
  await knex.raw('GRANT EXECUTE ON FUNCTION drop_history_partition(text, date) TO artisan_system');
  await createTenantTable(knex, {
    name: 'history_removals',
    columns: `
      before timestamptz NOT NULL,
      events bigint NOT NULL DEFAULT 0,
      deliveries bigint NOT NULL DEFAULT 0,
      dead_letters bigint NOT NULL DEFAULT 0,
      attempts bigint NOT NULL DEFAULT 0,
      updated_at timestamptz NOT NULL DEFAULT now()`,
    primaryKey: '(org_id)',
    app: 'SELECT',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
}

// The trigger on the parent goes with its clones on the partitions, and comes with them.
async function letRetentionChangeAttempts(knex: Knex): Promise<void> {
  await knex.raw(REFUSE_CHANGE_OF_ATTEMPT);
  await knex.raw('DROP TRIGGER refuse_change ON delivery_attempts');
  await knex.raw(
    'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON delivery_attempts FOR EACH ROW EXECUTE FUNCTION refuse_change_of_attempt()',
  );
  await knex.raw('ALTER TABLE delivery_attempts ENABLE ALWAYS TRIGGER refuse_change');
}

// The setting is made by the functions that may, for that statement; it is no fence against whoever was granted DELETE: nobody was.
const REFUSE_CHANGE_OF_ATTEMPT = `
CREATE FUNCTION refuse_change_of_attempt() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('artisan.attempts', true) = 'expire' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND current_setting('artisan.attempts', true) = 'erase' AND NEW.response_excerpt IS NULL
     AND to_jsonb(NEW) - 'response_excerpt' = to_jsonb(OLD) - 'response_excerpt' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$body$`;

// The owner is fenced too (FORCE): inside it sees the transaction's organization only. Deliveries are locked before they go: a replay that
// holds one keeps it and its event. What is unfinished is never taken, and an event stays until its last delivery is gone.
const EXPIRE_HISTORY = `
CREATE FUNCTION expire_history(before timestamptz, batch int,
  OUT removed_events int, OUT removed_deliveries int, OUT removed_dead_letters int, OUT removed_attempts int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '5s' AS $body$
DECLARE
  org uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  boundary uuid;
  ids uuid[];
BEGIN
  IF org IS NULL OR before IS NULL OR before > now() - interval '7 days' THEN
    RAISE EXCEPTION 'expire_history: of one organization, nothing younger than 7 days' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF batch IS NULL OR batch NOT BETWEEN 1 AND 5000 THEN
    RAISE EXCEPTION 'expire_history: a batch has 1 to 5,000 rows' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('artisan.attempts', 'expire', true);
  boundary := public.uuidv7_floor(before);
  WITH expired AS (
    SELECT id FROM public.deliveries WHERE org_id = org AND event_id < boundary AND next_attempt_at IS NULL
     ORDER BY event_id LIMIT batch FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM public.deliveries d USING expired WHERE d.org_id = org AND d.id = expired.id RETURNING d.id, d.status
  )
  SELECT coalesce(array_agg(id), '{}'), count(*), count(*) FILTER (WHERE status = 'dead')
    INTO ids, removed_deliveries, removed_dead_letters FROM gone;
  DELETE FROM public.delivery_attempts WHERE org_id = org AND delivery_id = ANY (ids);
  GET DIAGNOSTICS removed_attempts = ROW_COUNT;
  PERFORM set_config('artisan.attempts', '', true);
  DELETE FROM public.events WHERE org_id = org AND id IN (
    SELECT e.id FROM public.events e WHERE e.org_id = org AND e.id < boundary
       AND NOT EXISTS (SELECT FROM public.deliveries d WHERE d.org_id = org AND d.event_id = e.id)
     ORDER BY e.id LIMIT batch);
  GET DIAGNOSTICS removed_events = ROW_COUNT;
END
$body$`;

// Looks at all organizations, so it belongs to artisan_system, which passes by row level security; only the owner's function calls it.
async function createHoldsUnfinished(knex: Knex): Promise<void> {
  await knex.raw(HOLDS_UNFINISHED);
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION holds_unfinished(uuid, uuid) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
  await knex.raw('SET ROLE artisan_system');
  await knex.raw('GRANT EXECUTE ON FUNCTION holds_unfinished(uuid, uuid) TO artisan_owner');
  await knex.raw('RESET ROLE');
}

const HOLDS_UNFINISHED = `
CREATE FUNCTION holds_unfinished(lowest uuid, beyond uuid) RETURNS boolean
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  SELECT EXISTS (SELECT FROM public.deliveries d WHERE d.next_attempt_at IS NOT NULL AND d.event_id >= lowest AND d.event_id < beyond)
      OR EXISTS (SELECT FROM public.deliveries d JOIN public.delivery_attempts a ON a.org_id = d.org_id AND a.delivery_id = d.id
                  WHERE d.next_attempt_at IS NOT NULL AND d.event_id < beyond AND a.id >= lowest AND a.id < beyond)
$body$`;

// The parent is locked before it is looked whether anything is unfinished: a replay under way has read the event and finishes first.
// DETACH CONCURRENTLY cannot run in a function, and outside of one it takes the owner's login; so the lock is waited for one second.
const DROP_HISTORY_PARTITION = `
CREATE FUNCTION drop_history_partition(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $body$
DECLARE
  first_day timestamptz := month::timestamptz;
  beyond timestamptz := first_day + interval '1 month';
  partition regclass;
BEGIN
  IF parent IS NULL OR parent NOT IN ('events', 'delivery_attempts') THEN
    RAISE EXCEPTION 'drop_history_partition: only events and delivery_attempts' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF month IS NULL OR month <> date_trunc('month', first_day)::date OR beyond > now() - interval '365 days' THEN
    RAISE EXCEPTION 'drop_history_partition: only whole months that ended 365 days ago' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT c.oid INTO partition FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
   WHERE i.inhparent = format('public.%I', parent)::regclass AND c.relname = parent || to_char(first_day, '_YYYY_MM')
     AND pg_get_expr(c.relpartbound, c.oid) = format('FOR VALUES FROM (%L) TO (%L)', public.uuidv7_floor(first_day), public.uuidv7_floor(beyond));
  IF partition IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('LOCK TABLE ONLY public.%I IN ACCESS EXCLUSIVE MODE', parent);
  IF public.holds_unfinished(public.uuidv7_floor(first_day), public.uuidv7_floor(beyond)) THEN
    RETURN false;
  END IF;
  EXECUTE format('DROP TABLE %s', partition);
  RETURN true;
END
$body$`;
