import type { Knex } from 'knex';

/** The functions every tenant table is made with. One place for the policy, whether a migration or ensure_partitions makes the table. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await knex.raw('GRANT USAGE ON SCHEMA public TO artisan_app, artisan_system');
  await knex.raw('ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC');
  await knex.raw(FENCE_TENANT_TABLE);
  await knex.raw(REFUSE_CHANGE);
  await knex.raw(FENCE_APPEND_ONLY);
}

// The sub-select is evaluated once per statement instead of once per row; nullif turns the '' that a finished transaction
// leaves behind into NULL, so that without an organization nothing is visible, and nothing fails to parse.
const FENCE_TENANT_TABLE = `
CREATE FUNCTION fence_tenant_table(fenced regclass, org_column text DEFAULT 'org_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
DECLARE
  own_rows text := format('%I = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)', org_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', fenced);
  EXECUTE format('CREATE POLICY tenant ON %s USING (%s) WITH CHECK (%s)', fenced, own_rows, own_rows);
END
$body$`;

const REFUSE_CHANGE = `
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$body$`;

// ENABLE ALWAYS: session_replication_role = replica would skip ordinary triggers. Row triggers are cloned to partitions by
// Postgres, TRUNCATE triggers are not: whoever makes a partition calls this for it (only_truncate).
const FENCE_APPEND_ONLY = `
CREATE FUNCTION fence_append_only(fenced regclass, only_truncate boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
  EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.refuse_change()', fenced);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', fenced);
  IF NOT only_truncate THEN
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.refuse_change()', fenced);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change', fenced);
  END IF;
END
$body$`;
