import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Requests counted by key, day and operation, added up by each API process; and when a key was reported as leaked. */
export async function up(knex: Knex): Promise<void> {
  await createTenantTable(knex, {
    name: 'api_key_usage',
    columns: `
      key_id uuid NOT NULL,
      day date NOT NULL,
      operation text NOT NULL,
      status_class smallint NOT NULL CHECK (status_class BETWEEN 1 AND 5),
      requests bigint NOT NULL CHECK (requests > 0)`,
    primaryKey: '(org_id, key_id, day, operation, status_class)',
    parents: { key_id: 'api_keys' },
    organizationKey: false,
    storage: 'fillfactor = 80',
    app: 'SELECT',
    system: 'SELECT, INSERT, UPDATE, DELETE',
  });
  await knex.raw('CREATE INDEX api_key_usage_by_day ON api_key_usage (day)');
  await knex.raw('ALTER TABLE api_keys ADD COLUMN leaked_at timestamptz');
  await createRecorder(knex);
}

// A process counts the requests of all organizations, and writes what it counted with one statement: as artisan_system, but only
// additions to counts of keys that exist.
async function createRecorder(knex: Knex): Promise<void> {
  await knex.raw(RECORD_USAGE);
  await knex.raw('GRANT EXECUTE ON FUNCTION record_api_key_usage(jsonb, jsonb) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION record_api_key_usage(jsonb, jsonb) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// In the order of the keys, so that two processes wait for each other instead of locking each other out. Times only move forward.
const RECORD_USAGE = `
CREATE FUNCTION record_api_key_usage(counted jsonb, used jsonb) RETURNS void
LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
  UPDATE public.api_keys AS k
     SET first_used_at = least(k.first_used_at, u.first_at),
         last_used_at = greatest(k.last_used_at, u.last_at),
         last_used_ip = CASE WHEN k.last_used_at > u.last_at THEN k.last_used_ip ELSE u.ip END
    FROM (SELECT locked.org_id, locked.id, n.first_at, n.last_at, n.ip
            FROM jsonb_to_recordset(used) AS n (org_id uuid, key_id uuid, first_at timestamptz, last_at timestamptz, ip text)
            JOIN public.api_keys AS locked ON locked.org_id = n.org_id AND locked.id = n.key_id
           ORDER BY locked.org_id, locked.id FOR NO KEY UPDATE OF locked) AS u
   WHERE k.org_id = u.org_id AND k.id = u.id;
  INSERT INTO public.api_key_usage AS total (org_id, key_id, day, operation, status_class, requests)
  SELECT k.org_id, k.id, n.day, n.operation, n.status_class, n.requests
    FROM jsonb_to_recordset(counted) AS n (org_id uuid, key_id uuid, day date, operation text, status_class smallint, requests bigint)
    JOIN public.api_keys AS k ON k.org_id = n.org_id AND k.id = n.key_id
   ORDER BY k.org_id, k.id, n.day, n.operation, n.status_class
  ON CONFLICT (org_id, key_id, day, operation, status_class) DO UPDATE SET requests = total.requests + excluded.requests
$body$`;
