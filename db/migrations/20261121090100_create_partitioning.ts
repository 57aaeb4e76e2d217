import type { Knex } from 'knex';

/** Month partitions of the tables that are cut by their UUIDv7. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(UUIDV7_FLOOR);
  await knex.raw('GRANT EXECUTE ON FUNCTION uuidv7_floor(timestamptz) TO artisan_app, artisan_system');
  await knex.raw(ADD_PARTITION);
  await knex.raw(ENSURE_PARTITIONS);
  await knex.raw('GRANT EXECUTE ON FUNCTION ensure_partitions(int, int) TO artisan_system');
}

// IMMUTABLE although extract() is only STABLE: the epoch of an instant does not depend on a time zone. It lets the planner prune.
const UUIDV7_FLOOR = `
CREATE FUNCTION uuidv7_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog
AS $body$ SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid $body$`;

// ATTACH instead of PARTITION OF: it does not lock the parent against reads and writes.
// Rows that already lie in the DEFAULT partition for that month keep it from being cut; they stay where they are, with a warning.
const ADD_PARTITION = `
CREATE FUNCTION add_partition(parent regclass, partition_name text, bounds text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
DECLARE
  partition regclass := to_regclass(format('public.%I', partition_name));
BEGIN
  IF partition IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE public.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition_name, parent);
  partition := format('public.%I', partition_name)::regclass;
  PERFORM public.fence_tenant_table(partition);
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = parent AND tgname = 'refuse_truncate') THEN
    PERFORM public.fence_append_only(partition, only_truncate => true);
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s %s', parent, partition, bounds);
  RETURN true;
EXCEPTION WHEN check_violation THEN
  RAISE WARNING 'partition % was not made: the DEFAULT partition of % already holds rows of that month', partition_name, parent;
  RETURN false;
END
$body$`;

const ENSURE_PARTITIONS = `
CREATE FUNCTION ensure_partitions(months_back int, months_ahead int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $body$
DECLARE
  parent record;
  month timestamptz;
  made int := 0;
BEGIN
  FOR parent IN
    SELECT c.oid::regclass AS id, c.relname AS name
    FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
    WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'r' ORDER BY c.relname
  LOOP
    made := made + public.add_partition(parent.id, parent.name || '_default', 'DEFAULT')::int;
    FOR month IN
      SELECT generate_series(date_trunc('month', now()) - make_interval(months => months_back),
                             date_trunc('month', now()) + make_interval(months => months_ahead), interval '1 month')
    LOOP
      made := made + public.add_partition(parent.id, parent.name || to_char(month, '_YYYY_MM'),
        format('FOR VALUES FROM (%L) TO (%L)', public.uuidv7_floor(month), public.uuidv7_floor(month + interval '1 month')))::int;
    END LOOP;
  END LOOP;
  RETURN made;
END
$body$`;
