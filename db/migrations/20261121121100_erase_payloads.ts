import type { Knex } from 'knex';
import { createTenantTable } from '../tenantTable.ts';

/** Payloads can be erased while the event stays on record. The tombstone is NULL: there is no text that could be posted by mistake. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE events
    ALTER COLUMN payload DROP NOT NULL,
    ADD COLUMN payload_erased_at timestamptz,
    ADD CONSTRAINT events_payload_or_erased CHECK ((payload IS NULL) = (payload_erased_at IS NOT NULL))`);
  await knex.raw('ALTER TABLE deliveries ADD COLUMN payload_erased boolean NOT NULL DEFAULT false');
  await knex.raw(ERASE_PAYLOADS);
  await knex.raw('GRANT EXECUTE ON FUNCTION erase_payloads(uuid[]) TO artisan_app');
  await createTenantTable(knex, {
    name: 'payload_erasures',
    columns: `
      id uuid NOT NULL,
      workspace_id uuid,
      path text NOT NULL,
      sealed_value bytea,
      position uuid,
      examined int NOT NULL DEFAULT 0,
      erased int NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      CHECK ((sealed_value IS NULL) = (finished_at IS NOT NULL))`,
    parents: { workspace_id: 'workspaces' },
    app: 'SELECT, INSERT, UPDATE',
    system: 'SELECT',
  });
  await knex.raw('CREATE INDEX payload_erasures_unfinished ON payload_erasures (org_id, updated_at) WHERE finished_at IS NULL');
}

// The application may not change events and attempts in any other way. The owner is fenced too (FORCE): the transaction's organization only.
const ERASE_PAYLOADS = `
CREATE FUNCTION erase_payloads(event_ids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
  org uuid := nullif(current_setting('app.org_id', true), '')::uuid;
BEGIN
  IF org IS NULL OR event_ids IS NULL OR cardinality(event_ids) > 1000 THEN
    RAISE EXCEPTION 'erase_payloads: of one organization, at most 1,000 events' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('artisan.attempts', 'erase', true);
  UPDATE public.delivery_attempts SET response_excerpt = NULL
   WHERE org_id = org AND response_excerpt IS NOT NULL
     AND delivery_id = ANY (ARRAY(SELECT id FROM public.deliveries WHERE org_id = org AND event_id = ANY (event_ids)));
  PERFORM set_config('artisan.attempts', '', true);
  RETURN QUERY UPDATE public.events SET payload = NULL, payload_erased_at = now()
   WHERE org_id = org AND id = ANY (event_ids) AND payload_erased_at IS NULL RETURNING id;
END
$body$`;
