-- The schema as the migrations leave it, read from the catalog by `npm run db:schema`. Not edited by hand; a guard compares it.
-- Roles are in roles.sql. Month partitions are left out: ensure_partitions() makes them, with the fences of their table.

GRANT USAGE ON SCHEMA public TO artisan_app;
GRANT USAGE ON SCHEMA public TO artisan_system;

CREATE OR REPLACE FUNCTION public.access_of(wanted_org uuid, wanted_user uuid)
 RETURNS TABLE(membership_id uuid, grants jsonb)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT m.id, coalesce(
    (SELECT jsonb_agg(jsonb_build_object('role', g.role, 'role_id', g.role_id, 'permissions', r.permissions, 'workspace_id', g.workspace_id))
     FROM public.membership_roles g LEFT JOIN public.roles r ON r.org_id = g.org_id AND r.id = g.role_id
     LEFT JOIN public.workspaces w ON w.org_id = g.org_id AND w.id = g.workspace_id
     WHERE g.org_id = m.org_id AND g.membership_id = m.id AND w.deleted_at IS NULL), '[]')
  FROM public.memberships m JOIN public.users u ON u.id = m.user_id
  WHERE m.org_id = wanted_org AND m.user_id = wanted_user AND m.status = 'active' AND u.deleted_at IS NULL
$function$;
ALTER FUNCTION access_of(uuid,uuid) OWNER TO artisan_system;

CREATE OR REPLACE FUNCTION public.add_partition(parent regclass, partition_name text, bounds text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
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
$function$;
ALTER FUNCTION add_partition(regclass,text,text) OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.cut_sessions(wanted_user uuid)
 RETURNS integer
 LANGUAGE sql
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH cut AS (
    UPDATE public.sessions SET active_org_id = NULL
    WHERE user_id = wanted_user AND active_org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid)
    RETURNING 1)
  SELECT count(*)::int FROM cut
$function$;
ALTER FUNCTION cut_sessions(uuid) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION cut_sessions(uuid) TO artisan_app;

CREATE OR REPLACE FUNCTION public.drop_history_partition(parent text, month date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '1s'
AS $function$
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
$function$;
ALTER FUNCTION drop_history_partition(text,date) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION drop_history_partition(text,date) TO artisan_system;

CREATE OR REPLACE FUNCTION public.ensure_partitions(months_back integer, months_ahead integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '5s'
AS $function$
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
$function$;
ALTER FUNCTION ensure_partitions(integer,integer) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION ensure_partitions(integer,integer) TO artisan_system;

CREATE OR REPLACE FUNCTION public.erase_organization_rows(wanted text, batch integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '5s'
AS $function$
DECLARE
  org uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  key_columns text;
  newest_first text;
  removed int;
BEGIN
  IF org IS NULL OR batch IS NULL OR batch NOT BETWEEN 1 AND 5000 THEN
    RAISE EXCEPTION 'erase_organization_rows: of one organization, 1 to 5,000 rows' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (SELECT FROM public.organizations WHERE id = org AND erasure_started_at IS NOT NULL AND erased_at IS NULL) THEN
    RAISE EXCEPTION 'erase_organization_rows: the organization is not being erased' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT string_agg(format('%I', a.attname), ', ' ORDER BY p.place), string_agg(format('%I DESC', a.attname), ', ' ORDER BY p.place)
    INTO key_columns, newest_first
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS p (attnum, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.attnum
   WHERE c.relnamespace = 'public'::regnamespace AND c.relname = wanted AND NOT c.relispartition AND c.relforcerowsecurity
     AND wanted NOT IN ('organizations', 'organization_slugs', 'audit_leaf', 'audit_body')
     AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'org_id' AND o.attnotnull);
  IF key_columns IS NULL THEN
    RAISE EXCEPTION 'erase_organization_rows: % is no table that is erased', wanted USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('artisan.attempts', 'expire', true);
  EXECUTE format('DELETE FROM public.%1$I WHERE org_id = $1 AND (%2$s) IN (SELECT %2$s FROM public.%1$I WHERE org_id = $1 ORDER BY %3$s LIMIT $2)',
    wanted, key_columns, newest_first) USING org, batch;
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('artisan.attempts', '', true);
  RETURN removed;
END
$function$;
ALTER FUNCTION erase_organization_rows(text,integer) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION erase_organization_rows(text,integer) TO artisan_system;

CREATE OR REPLACE FUNCTION public.erase_payloads(event_ids uuid[])
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION erase_payloads(uuid[]) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION erase_payloads(uuid[]) TO artisan_app;

CREATE OR REPLACE FUNCTION public.expire_history(before timestamp with time zone, batch integer, OUT removed_events integer, OUT removed_deliveries integer, OUT removed_dead_letters integer, OUT removed_attempts integer)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '5s'
AS $function$
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
$function$;
ALTER FUNCTION expire_history(timestamp with time zone,integer) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION expire_history(timestamp with time zone,integer) TO artisan_system;

CREATE OR REPLACE FUNCTION public.fence_append_only(fenced regclass, only_truncate boolean DEFAULT false)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.refuse_change()', fenced);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', fenced);
  IF NOT only_truncate THEN
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.refuse_change()', fenced);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change', fenced);
  END IF;
END
$function$;
ALTER FUNCTION fence_append_only(regclass,boolean) OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.fence_tenant_table(fenced regclass, org_column text DEFAULT 'org_id'::text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE
  own_rows text := format('%I = (SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)', org_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', fenced);
  EXECUTE format('CREATE POLICY tenant ON %s USING (%s) WITH CHECK (%s)', fenced, own_rows, own_rows);
END
$function$;
ALTER FUNCTION fence_tenant_table(regclass,text) OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.fence_user_table(fenced regclass, user_column text DEFAULT 'user_id'::text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE
  own_rows text := format('%I = (SELECT nullif(current_setting(''app.user_id'', true), '''')::uuid)', user_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', fenced);
  EXECUTE format('CREATE POLICY own ON %s USING (%s) WITH CHECK (%s)', fenced, own_rows, own_rows);
END
$function$;
ALTER FUNCTION fence_user_table(regclass,text) OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.find_api_key(wanted_key_id text)
 RETURNS TABLE(id uuid, org_id uuid, workspace_id uuid, key_id text, digest bytea, hash_version integer, name text, env text, owner_type text, owner_user_id uuid, scopes text[], prefix text, last4 text, rate_limit_per_hour integer, allowed_ips text[], expires_at timestamp with time zone, revoked_at timestamp with time zone, created_at timestamp with time zone, family_id uuid, rotated_at timestamp with time zone, retires_at timestamp with time zone, disabled_at timestamp with time zone, org_plan text, org_deleted boolean, org_settings jsonb, owner_grants jsonb)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT k.id, k.org_id, k.workspace_id, k.key_id, k.digest, k.hash_version, k.name, k.env,
         k.owner_type, k.owner_user_id, k.scopes, k.prefix, k.last4, k.rate_limit_per_hour, k.allowed_ips,
         k.expires_at, k.revoked_at, k.created_at, k.family_id, k.rotated_at, k.retires_at, k.disabled_at,
         o.plan, o.deleted_at IS NOT NULL, o.settings, a.grants
  FROM public.api_keys k JOIN public.organizations o ON o.id = k.org_id
  LEFT JOIN LATERAL public.access_of(k.org_id, k.owner_user_id) a ON true
  WHERE k.key_id = wanted_key_id
$function$;
ALTER FUNCTION find_api_key(text) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION find_api_key(text) TO artisan_app;

CREATE OR REPLACE FUNCTION public.find_domain_owner(wanted_domain text)
 RETURNS TABLE(org_id uuid, domain_id uuid, org_name text, settings jsonb)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT d.org_id, d.id, o.name, o.settings
  FROM public.domains d JOIN public.organizations o ON o.id = d.org_id
  WHERE d.domain = wanted_domain AND d.status = 'verified' AND o.deleted_at IS NULL
$function$;
ALTER FUNCTION find_domain_owner(text) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION find_domain_owner(text) TO artisan_app;

CREATE OR REPLACE FUNCTION public.find_invitation(wanted_digest bytea)
 RETURNS TABLE(org_id uuid, id uuid, email text, roles jsonb, status text, expires_at timestamp with time zone, accepted_by uuid, org_name text, inviter_name text)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT i.org_id, i.id, i.email, i.roles, i.status, i.expires_at, i.accepted_by, o.name, u.name
  FROM public.invitations i JOIN public.organizations o ON o.id = i.org_id
  LEFT JOIN public.users u ON u.id = i.invited_by AND i.invited_by_type = 'user'
  WHERE i.token_digest = wanted_digest AND i.status IN ('pending', 'accepted') AND o.deleted_at IS NULL
$function$;
ALTER FUNCTION find_invitation(bytea) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION find_invitation(bytea) TO artisan_app;

CREATE OR REPLACE FUNCTION public.find_person(wanted_email text)
 RETURNS TABLE(id uuid, email_verified_at timestamp with time zone)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT u.id, u.email_verified_at FROM public.users u WHERE u.email = wanted_email AND u.deleted_at IS NULL
$function$;
ALTER FUNCTION find_person(text) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION find_person(text) TO artisan_app;

CREATE OR REPLACE FUNCTION public.find_session(wanted_session uuid, wanted_org uuid)
 RETURNS TABLE(id uuid, user_id uuid, email text, name text, email_verified_at timestamp with time zone, amr text[], auth_time timestamp with time zone, mfa_at timestamp with time zone, expires_at timestamp with time zone, revoked_at timestamp with time zone, user_deleted boolean, org_id uuid, org_plan text, org_deleted boolean, org_settings jsonb, membership_id uuid, grants jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT s.id, s.user_id, u.email, u.name, u.email_verified_at, s.amr, s.auth_time, s.mfa_at,
         s.expires_at, s.revoked_at, u.deleted_at IS NOT NULL,
         o.id, o.plan, o.deleted_at IS NOT NULL, o.settings, a.membership_id, a.grants
  FROM public.sessions s JOIN public.users u ON u.id = s.user_id
  LEFT JOIN public.organizations o ON o.id = wanted_org
  LEFT JOIN LATERAL public.access_of(wanted_org, s.user_id) a ON true
  WHERE s.id = wanted_session
$function$;
ALTER FUNCTION find_session(uuid,uuid) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION find_session(uuid,uuid) TO artisan_app;

CREATE OR REPLACE FUNCTION public.free_organizations_founded(wanted_user uuid)
 RETURNS integer
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT count(*)::int FROM public.organizations
  WHERE founded_by = wanted_user AND plan = 'free' AND erased_at IS NULL
    AND wanted_user = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
$function$;
ALTER FUNCTION free_organizations_founded(uuid) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION free_organizations_founded(uuid) TO artisan_app;

CREATE OR REPLACE FUNCTION public.holds_unfinished(lowest uuid, beyond uuid)
 RETURNS boolean
 LANGUAGE sql
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT EXISTS (SELECT FROM public.deliveries d WHERE d.next_attempt_at IS NOT NULL AND d.event_id >= lowest AND d.event_id < beyond)
      OR EXISTS (SELECT FROM public.deliveries d JOIN public.delivery_attempts a ON a.org_id = d.org_id AND a.delivery_id = d.id
                  WHERE d.next_attempt_at IS NOT NULL AND d.event_id < beyond AND a.id >= lowest AND a.id < beyond)
$function$;
ALTER FUNCTION holds_unfinished(uuid,uuid) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION holds_unfinished(uuid,uuid) TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_access_of_org()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE changed record := coalesce(NEW, OLD);
BEGIN
  PERFORM pg_notify('access_changed', 'org:' || changed.org_id);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_access_of_org() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_access_of_organization()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE changed record := coalesce(NEW, OLD);
BEGIN
  PERFORM pg_notify('access_changed', 'org:' || changed.id);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_access_of_organization() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_access_of_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE changed record := coalesce(NEW, OLD);
BEGIN
  PERFORM pg_notify('access_changed', 'user:' || changed.id);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_access_of_person() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_access_of_user()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
DECLARE changed record := coalesce(NEW, OLD);
BEGIN
  PERFORM pg_notify('access_changed', 'user:' || changed.user_id);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_access_of_user() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_api_key_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  PERFORM pg_notify('api_key_changed', OLD.key_id);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_api_key_change() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_data_keys_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  PERFORM pg_notify('data_keys_changed', (coalesce(NEW, OLD)).org_id::text);
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_data_keys_change() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.notify_signing_keys_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  PERFORM pg_notify('access_changed', 'signing_keys');
  RETURN NULL;
END
$function$;
ALTER FUNCTION notify_signing_keys_change() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.organizations_of(wanted_user uuid)
 RETURNS TABLE(org_id uuid, name text, slug text, plan text, settings jsonb, deleted_at timestamp with time zone, membership_id uuid, membership_status text, joined_at timestamp with time zone, created_at timestamp with time zone, deletion_due_at timestamp with time zone, erasure_started_at timestamp with time zone, grants jsonb)
 LANGUAGE sql
 STABLE STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT o.id, o.name, o.slug, o.plan, o.settings, o.deleted_at, m.id, m.status, m.created_at,
         o.created_at, o.deletion_due_at, o.erasure_started_at, a.grants
  FROM public.memberships m JOIN public.organizations o ON o.id = m.org_id
  LEFT JOIN LATERAL public.access_of(m.org_id, m.user_id) a ON true
  WHERE m.user_id = wanted_user AND wanted_user = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
$function$;
ALTER FUNCTION organizations_of(uuid) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION organizations_of(uuid) TO artisan_app;

CREATE OR REPLACE FUNCTION public.promise_key_rotation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
    BEGIN
      INSERT INTO outbox (org_id, id, topic, subject_id)
      SELECT r.org_id, gen_random_uuid(), 'key.rotation', r.id FROM key_rotations r
      WHERE r.org_id = NEW.org_id AND (r.old_key_id = NEW.id OR r.new_key_id = NEW.id) AND r.state = 'overlapping';
      RETURN NULL;
    END
    $function$;
ALTER FUNCTION promise_key_rotation() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.record_api_key_usage(counted jsonb, used jsonb)
 RETURNS void
 LANGUAGE sql
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION record_api_key_usage(jsonb,jsonb) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION record_api_key_usage(jsonb,jsonb) TO artisan_app;

CREATE OR REPLACE FUNCTION public.record_event_usage(orgs uuid[], months date[], counts bigint[])
 RETURNS TABLE(org_id uuid, month date, events bigint, plan text, limit_overrides jsonb)
 LANGUAGE sql
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;
ALTER FUNCTION record_event_usage(uuid[],date[],bigint[]) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION record_event_usage(uuid[],date[],bigint[]) TO artisan_app;

CREATE OR REPLACE FUNCTION public.refresh_statistics()
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '1s'
AS $function$
BEGIN
  IF pg_stat_get_mod_since_analyze('public.deliveries'::regclass) < greatest(1000, pg_stat_get_live_tuples('public.deliveries'::regclass)) THEN
    RETURN false;
  END IF;
  ANALYZE public.deliveries;
  RETURN true;
END
$function$;
ALTER FUNCTION refresh_statistics() OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION refresh_statistics() TO artisan_system;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
  RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$function$;
ALTER FUNCTION refuse_change() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.refuse_change_of_attempt()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
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
$function$;
ALTER FUNCTION refuse_change_of_attempt() OWNER TO artisan_owner;

CREATE OR REPLACE FUNCTION public.release_unproven_address(wanted_email text)
 RETURNS void
 LANGUAGE plpgsql
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  asker uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  unproven uuid;
BEGIN
  IF NOT EXISTS (SELECT FROM public.person_tokens WHERE user_id = asker AND purpose = 'change_email' AND email = wanted_email AND expires_at > now()) THEN
    RETURN;
  END IF;
  SELECT u.id INTO unproven FROM public.users u
  WHERE u.email = wanted_email AND u.email_verified_at IS NULL AND u.id <> asker
    AND NOT EXISTS (SELECT FROM public.memberships WHERE user_id = u.id)
    AND NOT EXISTS (SELECT FROM public.passwords WHERE user_id = u.id)
    AND NOT EXISTS (SELECT FROM public.sessions WHERE user_id = u.id)
    AND NOT EXISTS (SELECT FROM public.api_keys WHERE owner_user_id = u.id)
    AND NOT EXISTS (SELECT FROM public.invitations WHERE accepted_by = u.id)
    AND NOT EXISTS (SELECT FROM public.organizations WHERE founded_by = u.id)
    AND NOT EXISTS (SELECT FROM public.ownership_transfers WHERE u.id IN (from_user_id, to_user_id))
  FOR UPDATE;
  IF unproven IS NOT NULL THEN
    DELETE FROM public.person_tokens WHERE user_id = unproven;
    DELETE FROM public.users WHERE id = unproven;
  END IF;
END
$function$;
ALTER FUNCTION release_unproven_address(text) OWNER TO artisan_system;
GRANT EXECUTE ON FUNCTION release_unproven_address(text) TO artisan_app;

CREATE OR REPLACE FUNCTION public.uuidv7_floor(at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog'
AS $function$ SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid $function$;
ALTER FUNCTION uuidv7_floor(timestamp with time zone) OWNER TO artisan_owner;
GRANT EXECUTE ON FUNCTION uuidv7_floor(timestamp with time zone) TO artisan_app;
GRANT EXECUTE ON FUNCTION uuidv7_floor(timestamp with time zone) TO artisan_system;

CREATE TABLE api_key_usage (
  org_id uuid NOT NULL,
  key_id uuid NOT NULL,
  day date NOT NULL,
  operation text NOT NULL,
  status_class smallint NOT NULL,
  requests bigint NOT NULL,
  CONSTRAINT api_key_usage_pkey PRIMARY KEY (org_id, key_id, day, operation, status_class),
  CONSTRAINT api_key_usage_org_id_key_id_fkey FOREIGN KEY (org_id, key_id) REFERENCES api_keys(org_id, id),
  CONSTRAINT api_key_usage_requests_check CHECK ((requests > 0)),
  CONSTRAINT api_key_usage_status_class_check CHECK (((status_class >= 1) AND (status_class <= 5)))
) WITH (fillfactor=80);
ALTER TABLE api_key_usage OWNER TO artisan_owner;
CREATE INDEX api_key_usage_by_day ON public.api_key_usage USING btree (day);
ALTER TABLE api_key_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_key_usage
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT SELECT ON api_key_usage TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON api_key_usage TO artisan_system;

CREATE TABLE api_keys (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid,
  key_id text NOT NULL,
  digest bytea NOT NULL,
  hash_version integer NOT NULL,
  name text NOT NULL,
  env text NOT NULL,
  owner_type text NOT NULL,
  owner_user_id uuid,
  scopes text[] NOT NULL DEFAULT '{}'::text[],
  prefix text NOT NULL,
  last4 text NOT NULL,
  rate_limit_per_hour integer,
  allowed_ips text[] NOT NULL DEFAULT '{}'::text[],
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by uuid,
  family_id uuid NOT NULL,
  predecessor_id uuid,
  retires_at timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  first_used_at timestamp with time zone,
  last_used_at timestamp with time zone,
  last_used_ip text,
  updated_at timestamp with time zone,
  leaked_at timestamp with time zone,
  rotated_at timestamp with time zone,
  CONSTRAINT api_keys_key_id_key UNIQUE (key_id),
  CONSTRAINT api_keys_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT api_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT api_keys_org_id_predecessor_id_fkey FOREIGN KEY (org_id, predecessor_id) REFERENCES api_keys(org_id, id),
  CONSTRAINT api_keys_org_id_workspace_id_fkey FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces(org_id, id),
  CONSTRAINT api_keys_owner_user_id_fkey FOREIGN KEY (owner_user_id) REFERENCES users(id),
  CONSTRAINT api_keys_check CHECK (((owner_type = 'user'::text) = (owner_user_id IS NOT NULL))),
  CONSTRAINT api_keys_env_check CHECK ((env = ANY (ARRAY['live'::text, 'test'::text]))),
  CONSTRAINT api_keys_owner_type_check CHECK ((owner_type = ANY (ARRAY['organization'::text, 'user'::text]))),
  CONSTRAINT api_keys_rate_limit_per_hour_check CHECK ((rate_limit_per_hour >= 0))
);
ALTER TABLE api_keys OWNER TO artisan_owner;
CREATE INDEX api_keys_family ON public.api_keys USING btree (org_id, family_id);
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF scopes, workspace_id, rate_limit_per_hour, allowed_ips, expires_at, revoked_at, retires_at, disabled_at, name ON public.api_keys FOR EACH ROW EXECUTE FUNCTION notify_api_key_change();
CREATE TRIGGER promise_key_rotation AFTER UPDATE OF first_used_at, revoked_at, expires_at ON public.api_keys FOR EACH ROW WHEN (((old.first_used_at IS DISTINCT FROM new.first_used_at) OR (old.revoked_at IS DISTINCT FROM new.revoked_at) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION promise_key_rotation();
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON api_keys TO artisan_app;
GRANT INSERT, SELECT, UPDATE ON api_keys TO artisan_system;

CREATE TABLE audit_body (
  org_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  leaf_data bytea NOT NULL,
  CONSTRAINT audit_body_pkey PRIMARY KEY (org_id, entry_id),
  CONSTRAINT audit_body_leaf_data_check CHECK ((octet_length(leaf_data) <= 65535))
) PARTITION BY RANGE (entry_id);
ALTER TABLE audit_body OWNER TO artisan_owner;
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.audit_body FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_body ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.audit_body FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_body ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE audit_body ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_body FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_body
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_body TO artisan_app;
GRANT INSERT, SELECT ON audit_body TO artisan_system;

CREATE TABLE audit_disclosure (
  org_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  path text NOT NULL,
  subject_ref text NOT NULL,
  enc_disclosure bytea NOT NULL,
  CONSTRAINT audit_disclosure_pkey PRIMARY KEY (org_id, entry_id, path)
) PARTITION BY RANGE (entry_id);
ALTER TABLE audit_disclosure OWNER TO artisan_owner;
ALTER TABLE audit_disclosure ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_disclosure FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_disclosure
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_disclosure TO artisan_app;
GRANT INSERT, SELECT ON audit_disclosure TO artisan_system;

CREATE TABLE audit_keys (
  org_id uuid NOT NULL,
  subject_ref text NOT NULL,
  sealed_key bytea NOT NULL,
  created_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT audit_keys_pkey PRIMARY KEY (org_id, subject_ref),
  CONSTRAINT audit_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id)
);
ALTER TABLE audit_keys OWNER TO artisan_owner;
ALTER TABLE audit_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_keys
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_keys TO artisan_app;
GRANT INSERT, SELECT, UPDATE ON audit_keys TO artisan_system;

CREATE TABLE audit_leaf (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  class text NOT NULL,
  leaf_hash bytea NOT NULL,
  CONSTRAINT audit_leaf_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT audit_leaf_leaf_hash_check CHECK ((octet_length(leaf_hash) = 32))
) PARTITION BY RANGE (id);
ALTER TABLE audit_leaf OWNER TO artisan_owner;
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.audit_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_leaf ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_leaf ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE audit_leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_leaf FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_leaf
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_leaf TO artisan_app;
GRANT INSERT, SELECT ON audit_leaf TO artisan_system;

CREATE TABLE audit_subject_links (
  org_id uuid NOT NULL,
  subject_ref text NOT NULL,
  entry_id uuid NOT NULL,
  CONSTRAINT audit_subject_links_pkey PRIMARY KEY (org_id, subject_ref, entry_id)
) PARTITION BY RANGE (entry_id);
ALTER TABLE audit_subject_links OWNER TO artisan_owner;
ALTER TABLE audit_subject_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_subject_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_subject_links
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_subject_links TO artisan_app;
GRANT INSERT, SELECT ON audit_subject_links TO artisan_system;

CREATE TABLE audit_view (
  org_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  action text NOT NULL,
  category text NOT NULL,
  severity text NOT NULL,
  outcome text NOT NULL,
  reason text,
  actor_type text NOT NULL,
  actor_id text NOT NULL,
  actor_name text,
  actor_ip inet,
  user_agent text,
  target_type text,
  target_id text,
  request_id text,
  workflow_id text,
  CONSTRAINT audit_view_pkey PRIMARY KEY (org_id, entry_id)
) PARTITION BY RANGE (entry_id);
ALTER TABLE audit_view OWNER TO artisan_owner;
ALTER TABLE audit_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_view FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_view
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON audit_view TO artisan_app;
GRANT INSERT, SELECT ON audit_view TO artisan_system;

CREATE TABLE auth_throttles (
  subject text NOT NULL,
  count integer NOT NULL,
  window_ends_at timestamp with time zone NOT NULL,
  locked_until timestamp with time zone,
  CONSTRAINT auth_throttles_pkey PRIMARY KEY (subject)
);
ALTER TABLE auth_throttles OWNER TO artisan_owner;
CREATE INDEX auth_throttles_locked ON public.auth_throttles USING btree (locked_until) WHERE (locked_until IS NOT NULL);
CREATE INDEX auth_throttles_window ON public.auth_throttles USING btree (window_ends_at);
GRANT DELETE, INSERT, SELECT, UPDATE ON auth_throttles TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON auth_throttles TO artisan_system;

CREATE TABLE data_keys (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  wrapped bytea NOT NULL,
  state text NOT NULL,
  written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  retired_at timestamp with time zone,
  CONSTRAINT data_keys_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT data_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT data_keys_check CHECK (((state = 'retired'::text) = (retired_at IS NOT NULL))),
  CONSTRAINT data_keys_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'retired'::text])))
);
ALTER TABLE data_keys OWNER TO artisan_owner;
CREATE UNIQUE INDEX data_keys_one_active ON public.data_keys USING btree (org_id) WHERE (state = 'active'::text);
CREATE UNIQUE INDEX data_keys_one_pending ON public.data_keys USING btree (org_id) WHERE (state = 'pending'::text);
CREATE TRIGGER notify_data_keys_change AFTER INSERT OR DELETE OR UPDATE OF state ON public.data_keys FOR EACH ROW EXECUTE FUNCTION notify_data_keys_change();
ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON data_keys
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON data_keys TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON data_keys TO artisan_system;

CREATE TABLE deliveries (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  endpoint_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending'::text,
  attempts integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  claimed_until timestamp with time zone,
  claim_id uuid,
  last_status_code integer,
  last_error_code text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  delivered_at timestamp with time zone,
  replay boolean NOT NULL DEFAULT false,
  payload_erased boolean NOT NULL DEFAULT false,
  CONSTRAINT deliveries_org_id_event_id_endpoint_id_key UNIQUE (org_id, event_id, endpoint_id),
  CONSTRAINT deliveries_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT deliveries_org_id_endpoint_id_fkey FOREIGN KEY (org_id, endpoint_id) REFERENCES webhook_endpoints(org_id, id),
  CONSTRAINT deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'in_flight'::text, 'retrying'::text, 'delivered'::text, 'dead'::text, 'cancelled'::text])))
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=1, autovacuum_analyze_scale_factor=0.05);
ALTER TABLE deliveries OWNER TO artisan_owner;
CREATE INDEX deliveries_due ON public.deliveries USING btree (org_id, endpoint_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX deliveries_given_up ON public.deliveries USING btree (org_id, id) WHERE ((next_attempt_at IS NULL) AND (delivered_at IS NULL));
CREATE INDEX deliveries_given_up_by_endpoint ON public.deliveries USING btree (org_id, endpoint_id, id) WHERE ((next_attempt_at IS NULL) AND (delivered_at IS NULL));
CREATE INDEX deliveries_of_endpoint ON public.deliveries USING btree (org_id, endpoint_id, id);
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deliveries
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON deliveries TO artisan_app;
GRANT SELECT ON deliveries TO artisan_system;

CREATE TABLE delivery_attempts (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  event_id uuid NOT NULL,
  number integer NOT NULL,
  started_at timestamp with time zone NOT NULL,
  duration_ms integer NOT NULL,
  status_code integer,
  error_code text,
  response_excerpt text,
  replay boolean NOT NULL DEFAULT false,
  CONSTRAINT delivery_attempts_pkey PRIMARY KEY (org_id, delivery_id, id)
) PARTITION BY RANGE (id);
ALTER TABLE delivery_attempts OWNER TO artisan_owner;
CREATE INDEX delivery_attempts_by_time ON ONLY public.delivery_attempts USING brin (id) WITH (autosummarize='on');
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.delivery_attempts FOR EACH ROW EXECUTE FUNCTION refuse_change_of_attempt();
ALTER TABLE delivery_attempts ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.delivery_attempts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE delivery_attempts ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE delivery_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON delivery_attempts
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON delivery_attempts TO artisan_app;
GRANT SELECT ON delivery_attempts TO artisan_system;

CREATE TABLE derived_keys (
  purpose text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT derived_keys_pkey PRIMARY KEY (purpose)
);
ALTER TABLE derived_keys OWNER TO artisan_owner;
GRANT INSERT, SELECT ON derived_keys TO artisan_app;
GRANT SELECT, UPDATE ON derived_keys TO artisan_system;

CREATE TABLE domains (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  domain text NOT NULL,
  challenge text NOT NULL,
  status text NOT NULL DEFAULT 'pending'::text,
  verified_at timestamp with time zone,
  confirmed_at timestamp with time zone,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  failures integer NOT NULL DEFAULT 0,
  last_failure text,
  created_by uuid,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT domains_org_id_domain_key UNIQUE (org_id, domain),
  CONSTRAINT domains_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT domains_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT domains_check CHECK (((status = 'verified'::text) = (next_check_at IS NOT NULL))),
  CONSTRAINT domains_domain_check CHECK ((domain = lower(domain))),
  CONSTRAINT domains_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'verified'::text, 'lapsed'::text])))
);
ALTER TABLE domains OWNER TO artisan_owner;
CREATE INDEX domains_due ON public.domains USING btree (next_check_at) WHERE (status = 'verified'::text);
CREATE UNIQUE INDEX domains_verified_key ON public.domains USING btree (domain) WHERE (status = 'verified'::text);
ALTER TABLE domains ENABLE ROW LEVEL SECURITY;
ALTER TABLE domains FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domains
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON domains TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON domains TO artisan_system;

CREATE TABLE encryption_key_rotations (
  id uuid NOT NULL,
  kind text NOT NULL,
  organization_id uuid,
  key_id text NOT NULL,
  phase text NOT NULL,
  "position" jsonb,
  pass integer NOT NULL DEFAULT 1,
  pass_outdated bigint NOT NULL DEFAULT 0,
  pass_unreadable bigint NOT NULL DEFAULT 0,
  examined bigint NOT NULL DEFAULT 0,
  resealed bigint NOT NULL DEFAULT 0,
  outcome text,
  next_step_at timestamp with time zone NOT NULL DEFAULT now(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  finished_at timestamp with time zone,
  CONSTRAINT encryption_key_rotations_pkey PRIMARY KEY (id),
  CONSTRAINT encryption_key_rotations_check CHECK (((kind = 'data'::text) = (organization_id IS NOT NULL))),
  CONSTRAINT encryption_key_rotations_check1 CHECK (((outcome IS NULL) = (finished_at IS NULL))),
  CONSTRAINT encryption_key_rotations_kind_check CHECK ((kind = ANY (ARRAY['master'::text, 'data'::text]))),
  CONSTRAINT encryption_key_rotations_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'incomplete'::text]))),
  CONSTRAINT encryption_key_rotations_phase_check CHECK ((phase = ANY (ARRAY['activate'::text, 'reseal'::text])))
);
ALTER TABLE encryption_key_rotations OWNER TO artisan_owner;
CREATE UNIQUE INDEX key_rotations_one_at_a_time ON public.encryption_key_rotations USING btree (kind, organization_id) NULLS NOT DISTINCT WHERE (finished_at IS NULL);
GRANT INSERT, SELECT, UPDATE ON encryption_key_rotations TO artisan_system;

CREATE TABLE event_types (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  description text,
  schema json,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT event_types_org_id_name_version_key UNIQUE (org_id, name, version),
  CONSTRAINT event_types_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT event_types_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT event_types_version_check CHECK ((version > 0))
);
ALTER TABLE event_types OWNER TO artisan_owner;
ALTER TABLE event_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_types FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON event_types
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON event_types TO artisan_app;
GRANT SELECT ON event_types TO artisan_system;

CREATE TABLE event_usage (
  org_id uuid NOT NULL,
  month date NOT NULL,
  events bigint NOT NULL,
  CONSTRAINT event_usage_pkey PRIMARY KEY (org_id, month),
  CONSTRAINT event_usage_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT event_usage_events_check CHECK ((events >= 0)),
  CONSTRAINT event_usage_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
ALTER TABLE event_usage OWNER TO artisan_owner;
ALTER TABLE event_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON event_usage
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT SELECT ON event_usage TO artisan_app;
GRANT INSERT, SELECT, UPDATE ON event_usage TO artisan_system;

CREATE TABLE events (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid,
  type text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  payload text,
  channels text[] NOT NULL DEFAULT '{}'::text[],
  deliveries integer NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  payload_erased_at timestamp with time zone,
  CONSTRAINT events_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT events_payload_or_erased CHECK (((payload IS NULL) = (payload_erased_at IS NOT NULL)))
) PARTITION BY RANGE (id);
ALTER TABLE events OWNER TO artisan_owner;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON events TO artisan_app;
GRANT SELECT ON events TO artisan_system;

CREATE TABLE history_removals (
  org_id uuid NOT NULL,
  before timestamp with time zone NOT NULL,
  events bigint NOT NULL DEFAULT 0,
  deliveries bigint NOT NULL DEFAULT 0,
  dead_letters bigint NOT NULL DEFAULT 0,
  attempts bigint NOT NULL DEFAULT 0,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT history_removals_pkey PRIMARY KEY (org_id),
  CONSTRAINT history_removals_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id)
);
ALTER TABLE history_removals OWNER TO artisan_owner;
ALTER TABLE history_removals ENABLE ROW LEVEL SECURITY;
ALTER TABLE history_removals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history_removals
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT SELECT ON history_removals TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON history_removals TO artisan_system;

CREATE TABLE idempotency_keys (
  org_id uuid NOT NULL,
  credential_id uuid NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  state text NOT NULL,
  locked_until timestamp with time zone,
  status integer,
  sealed_answer bytea,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  holder uuid,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (org_id, credential_id, route, key),
  CONSTRAINT idempotency_keys_state_check CHECK ((state = ANY (ARRAY['in_flight'::text, 'done'::text])))
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=500);
ALTER TABLE idempotency_keys OWNER TO artisan_owner;
CREATE INDEX idempotency_keys_expiry ON public.idempotency_keys USING btree (expires_at);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency_keys TO artisan_app;
GRANT DELETE, SELECT, UPDATE ON idempotency_keys TO artisan_system;

CREATE TABLE invitations (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  token_digest bytea NOT NULL,
  roles jsonb NOT NULL,
  status text NOT NULL DEFAULT 'pending'::text,
  invited_by_type text NOT NULL,
  invited_by uuid NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES users(id),
  CONSTRAINT invitations_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT invitations_check CHECK (((status = 'accepted'::text) = (accepted_at IS NOT NULL))),
  CONSTRAINT invitations_email_check CHECK ((email = lower(email))),
  CONSTRAINT invitations_invited_by_type_check CHECK ((invited_by_type = ANY (ARRAY['user'::text, 'api_key'::text]))),
  CONSTRAINT invitations_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'revoked'::text, 'expired'::text])))
);
ALTER TABLE invitations OWNER TO artisan_owner;
CREATE UNIQUE INDEX invitations_pending_key ON public.invitations USING btree (org_id, email) WHERE (status = 'pending'::text);
CREATE UNIQUE INDEX invitations_token_digest_key ON public.invitations USING btree (token_digest);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON invitations TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON invitations TO artisan_system;

CREATE TABLE key_notices (
  org_id uuid NOT NULL,
  key_id uuid NOT NULL,
  kind text NOT NULL,
  about timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT key_notices_pkey PRIMARY KEY (org_id, key_id, kind, about),
  CONSTRAINT key_notices_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT key_notices_org_id_key_id_fkey FOREIGN KEY (org_id, key_id) REFERENCES api_keys(org_id, id),
  CONSTRAINT key_notices_kind_check CHECK ((kind = ANY (ARRAY['expires_in_7_days'::text, 'expires_in_1_day'::text])))
);
ALTER TABLE key_notices OWNER TO artisan_owner;
ALTER TABLE key_notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON key_notices
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON key_notices TO artisan_app;
GRANT DELETE, SELECT ON key_notices TO artisan_system;

CREATE TABLE key_rotations (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  old_key_id uuid NOT NULL,
  new_key_id uuid NOT NULL,
  cause text NOT NULL,
  state text NOT NULL DEFAULT 'overlapping'::text,
  grace_ends_at timestamp with time zone NOT NULL,
  retire_after_first_use_minutes integer,
  ends_at timestamp with time zone NOT NULL,
  first_used_at timestamp with time zone,
  sealed_key bytea,
  picked_up_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  end_reason text,
  CONSTRAINT key_rotations_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT key_rotations_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT key_rotations_org_id_new_key_id_fkey FOREIGN KEY (org_id, new_key_id) REFERENCES api_keys(org_id, id),
  CONSTRAINT key_rotations_org_id_old_key_id_fkey FOREIGN KEY (org_id, old_key_id) REFERENCES api_keys(org_id, id),
  CONSTRAINT key_rotations_cause_check CHECK ((cause = ANY (ARRAY['request'::text, 'policy'::text]))),
  CONSTRAINT key_rotations_check CHECK (((state = 'overlapping'::text) = (ended_at IS NULL))),
  CONSTRAINT key_rotations_check1 CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  CONSTRAINT key_rotations_end_reason_check CHECK ((end_reason = ANY (ARRAY['grace_over'::text, 'new_key_used'::text, 'expired'::text, 'revoked'::text, 'finished_early'::text, 'aborted'::text]))),
  CONSTRAINT key_rotations_retire_after_first_use_minutes_check CHECK ((retire_after_first_use_minutes >= 0)),
  CONSTRAINT key_rotations_state_check CHECK ((state = ANY (ARRAY['overlapping'::text, 'finished'::text, 'aborted'::text])))
);
ALTER TABLE key_rotations OWNER TO artisan_owner;
CREATE INDEX key_rotations_new_key ON public.key_rotations USING btree (org_id, new_key_id);
CREATE UNIQUE INDEX key_rotations_old_key ON public.key_rotations USING btree (org_id, old_key_id) WHERE (state <> 'aborted'::text);
CREATE INDEX key_rotations_overlapping ON public.key_rotations USING btree (ends_at) WHERE (state = 'overlapping'::text);
ALTER TABLE key_rotations ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_rotations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON key_rotations
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON key_rotations TO artisan_app;
GRANT SELECT, UPDATE ON key_rotations TO artisan_system;

CREATE TABLE mails (
  id uuid NOT NULL,
  for_org_id uuid,
  for_user_id uuid,
  template text NOT NULL,
  sealed bytea,
  status text NOT NULL DEFAULT 'queued'::text,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL,
  last_error text,
  created_at timestamp with time zone NOT NULL,
  give_up_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  claimed_by uuid,
  claimed_until timestamp with time zone,
  CONSTRAINT mails_pkey PRIMARY KEY (id),
  CONSTRAINT mails_check CHECK (((for_org_id IS NOT NULL) OR (for_user_id IS NOT NULL))),
  CONSTRAINT mails_check1 CHECK (((status = ANY (ARRAY['sent'::text, 'given_up'::text])) = (finished_at IS NOT NULL))),
  CONSTRAINT mails_check2 CHECK (((finished_at IS NULL) = (sealed IS NOT NULL))),
  CONSTRAINT mails_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'retrying'::text, 'sent'::text, 'given_up'::text])))
);
ALTER TABLE mails OWNER TO artisan_owner;
CREATE INDEX mails_finished ON public.mails USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX mails_unfinished ON public.mails USING btree (next_attempt_at) WHERE (finished_at IS NULL);
CREATE INDEX mails_waiting ON public.mails USING btree (created_at) WHERE (finished_at IS NULL);
ALTER TABLE mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE mails FORCE ROW LEVEL SECURITY;
CREATE POLICY post_own ON mails
  USING ()
  WITH CHECK (((for_org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) OR ((for_org_id IS NULL) AND (for_user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))));
GRANT INSERT ON mails TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mails TO artisan_system;

CREATE TABLE membership_roles (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  membership_id uuid NOT NULL,
  role text,
  role_id uuid,
  workspace_id uuid,
  source text NOT NULL,
  source_ref text,
  granted_by uuid,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT membership_roles_org_id_membership_id_role_role_id_workspac_key UNIQUE NULLS NOT DISTINCT (org_id, membership_id, role, role_id, workspace_id, source, source_ref),
  CONSTRAINT membership_roles_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT membership_roles_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT membership_roles_org_id_membership_id_fkey FOREIGN KEY (org_id, membership_id) REFERENCES memberships(org_id, id) ON DELETE CASCADE,
  CONSTRAINT membership_roles_org_id_role_id_fkey FOREIGN KEY (org_id, role_id) REFERENCES roles(org_id, id),
  CONSTRAINT membership_roles_org_id_workspace_id_fkey FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces(org_id, id),
  CONSTRAINT membership_roles_check CHECK (((role IS NULL) <> (role_id IS NULL))),
  CONSTRAINT membership_roles_check1 CHECK (((role IS DISTINCT FROM 'owner'::text) OR (workspace_id IS NULL))),
  CONSTRAINT membership_roles_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'manager'::text, 'member'::text, 'viewer'::text]))),
  CONSTRAINT membership_roles_source_check CHECK ((source = ANY (ARRAY['founder'::text, 'manual'::text, 'invite'::text, 'domain'::text, 'transfer'::text, 'scim'::text, 'sso'::text])))
);
ALTER TABLE membership_roles OWNER TO artisan_owner;
CREATE TRIGGER notify_access_change AFTER INSERT OR DELETE ON public.membership_roles FOR EACH ROW EXECUTE FUNCTION notify_access_of_org();
ALTER TABLE membership_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE membership_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON membership_roles
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT ON membership_roles TO artisan_app;
GRANT DELETE, INSERT, SELECT ON membership_roles TO artisan_system;

CREATE TABLE memberships (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  status text NOT NULL DEFAULT 'active'::text,
  updated_at timestamp with time zone,
  CONSTRAINT memberships_org_id_user_id_key UNIQUE (org_id, user_id),
  CONSTRAINT memberships_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT memberships_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT memberships_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);
ALTER TABLE memberships OWNER TO artisan_owner;
CREATE TRIGGER notify_access_change AFTER INSERT OR DELETE OR UPDATE ON public.memberships FOR EACH ROW EXECUTE FUNCTION notify_access_of_user();
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memberships
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON memberships TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON memberships TO artisan_system;

CREATE TABLE organization_slugs (
  org_id uuid NOT NULL,
  slug_digest bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT organization_slugs_slug_digest_key UNIQUE (slug_digest),
  CONSTRAINT organization_slugs_pkey PRIMARY KEY (org_id, slug_digest),
  CONSTRAINT organization_slugs_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT organization_slugs_slug_digest_check CHECK ((octet_length(slug_digest) = 32))
);
ALTER TABLE organization_slugs OWNER TO artisan_owner;
ALTER TABLE organization_slugs ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_slugs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization_slugs
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT ON organization_slugs TO artisan_app;
GRANT INSERT, SELECT ON organization_slugs TO artisan_system;

CREATE TABLE organizations (
  id uuid NOT NULL,
  name text NOT NULL,
  slug text NOT NULL,
  plan text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  limit_overrides jsonb NOT NULL DEFAULT '{}'::jsonb,
  founded_by uuid,
  updated_at timestamp with time zone,
  deletion_due_at timestamp with time zone,
  deletion_next_at timestamp with time zone,
  deletion_warnings integer NOT NULL DEFAULT 0,
  erasure_started_at timestamp with time zone,
  erased_at timestamp with time zone,
  CONSTRAINT organizations_slug_key UNIQUE (slug),
  CONSTRAINT organizations_pkey PRIMARY KEY (id),
  CONSTRAINT organizations_founded_by_fkey FOREIGN KEY (founded_by) REFERENCES users(id),
  CONSTRAINT organizations_check CHECK (((deletion_due_at IS NULL) OR (deleted_at IS NOT NULL))),
  CONSTRAINT organizations_check1 CHECK (((erasure_started_at IS NULL) OR (deletion_due_at IS NOT NULL))),
  CONSTRAINT organizations_check2 CHECK (((erased_at IS NULL) OR (erasure_started_at IS NOT NULL))),
  CONSTRAINT organizations_plan_check CHECK ((plan = ANY (ARRAY['free'::text, 'starter'::text, 'professional'::text, 'enterprise'::text])))
);
ALTER TABLE organizations OWNER TO artisan_owner;
CREATE INDEX organizations_ending ON public.organizations USING btree (deletion_next_at) WHERE (deletion_next_at IS NOT NULL);
CREATE INDEX organizations_founder ON public.organizations USING btree (founded_by) WHERE (founded_by IS NOT NULL);
CREATE TRIGGER notify_access_change AFTER UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION notify_access_of_organization();
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organizations
  USING ((id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON organizations TO artisan_app;
GRANT INSERT, SELECT, UPDATE ON organizations TO artisan_system;

CREATE TABLE outbox (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  topic text NOT NULL,
  subject_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  claimed_until timestamp with time zone,
  CONSTRAINT outbox_pkey PRIMARY KEY (org_id, subject_id, id)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);
ALTER TABLE outbox OWNER TO artisan_owner;
CREATE INDEX outbox_id ON public.outbox USING btree (id);
CREATE INDEX outbox_oldest ON public.outbox USING btree (created_at);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON outbox TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON outbox TO artisan_system;

CREATE TABLE ownership_transfers (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  from_user_id uuid NOT NULL,
  to_user_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending'::text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  CONSTRAINT ownership_transfers_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT ownership_transfers_from_user_id_fkey FOREIGN KEY (from_user_id) REFERENCES users(id),
  CONSTRAINT ownership_transfers_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT ownership_transfers_to_user_id_fkey FOREIGN KEY (to_user_id) REFERENCES users(id),
  CONSTRAINT ownership_transfers_check CHECK (((status = 'pending'::text) = (finished_at IS NULL))),
  CONSTRAINT ownership_transfers_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'declined'::text, 'cancelled'::text, 'expired'::text])))
);
ALTER TABLE ownership_transfers OWNER TO artisan_owner;
CREATE UNIQUE INDEX ownership_transfers_pending ON public.ownership_transfers USING btree (org_id) WHERE (status = 'pending'::text);
ALTER TABLE ownership_transfers ENABLE ROW LEVEL SECURITY;
ALTER TABLE ownership_transfers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ownership_transfers
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON ownership_transfers TO artisan_app;
GRANT SELECT ON ownership_transfers TO artisan_system;

CREATE TABLE passwords (
  user_id uuid NOT NULL,
  hash text NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  CONSTRAINT passwords_pkey PRIMARY KEY (user_id),
  CONSTRAINT passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE passwords OWNER TO artisan_owner;
ALTER TABLE passwords ENABLE ROW LEVEL SECURITY;
ALTER TABLE passwords FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON passwords
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON passwords TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON passwords TO artisan_system;

CREATE TABLE payload_erasures (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid,
  path text NOT NULL,
  sealed_value bytea,
  "position" uuid,
  examined integer NOT NULL DEFAULT 0,
  erased integer NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  finished_at timestamp with time zone,
  CONSTRAINT payload_erasures_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT payload_erasures_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT payload_erasures_org_id_workspace_id_fkey FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces(org_id, id),
  CONSTRAINT payload_erasures_check CHECK (((sealed_value IS NULL) = (finished_at IS NOT NULL)))
);
ALTER TABLE payload_erasures OWNER TO artisan_owner;
CREATE INDEX payload_erasures_unfinished ON public.payload_erasures USING btree (org_id, updated_at) WHERE (finished_at IS NULL);
ALTER TABLE payload_erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE payload_erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON payload_erasures
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON payload_erasures TO artisan_app;
GRANT SELECT, UPDATE ON payload_erasures TO artisan_system;

CREATE TABLE person_requests (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  made_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT person_requests_user_id_route_key_key UNIQUE (user_id, route, key),
  CONSTRAINT person_requests_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT person_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE person_requests OWNER TO artisan_owner;
CREATE INDEX person_requests_expiry ON public.person_requests USING btree (expires_at);
ALTER TABLE person_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON person_requests
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON person_requests TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON person_requests TO artisan_system;

CREATE TABLE person_tokens (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  purpose text NOT NULL,
  digest bytea NOT NULL,
  email text NOT NULL,
  name text,
  password_hash text,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  session_id uuid,
  CONSTRAINT person_tokens_user_id_digest_key UNIQUE (user_id, digest),
  CONSTRAINT person_tokens_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT person_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT person_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['verify_email'::text, 'reset_password'::text, 'change_email'::text])))
);
ALTER TABLE person_tokens OWNER TO artisan_owner;
CREATE INDEX person_tokens_expiry ON public.person_tokens USING btree (expires_at);
ALTER TABLE person_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON person_tokens
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON person_tokens TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON person_tokens TO artisan_system;

CREATE UNLOGGED TABLE rate_limits (
  key character varying(255) NOT NULL,
  points integer NOT NULL DEFAULT 0,
  expire bigint,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=500);
ALTER TABLE rate_limits OWNER TO artisan_owner;
GRANT DELETE, INSERT, SELECT, UPDATE ON rate_limits TO artisan_app;

CREATE TABLE recovery_codes (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  digest bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  used_at timestamp with time zone,
  CONSTRAINT recovery_codes_user_id_digest_key UNIQUE (user_id, digest),
  CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE recovery_codes OWNER TO artisan_owner;
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON recovery_codes
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON recovery_codes TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON recovery_codes TO artisan_system;

CREATE TABLE refresh_tokens (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  digest bytea NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  successor_id uuid,
  sealed_successor bytea,
  CONSTRAINT refresh_tokens_user_id_digest_key UNIQUE (user_id, digest),
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT refresh_tokens_user_id_session_id_fkey FOREIGN KEY (user_id, session_id) REFERENCES sessions(user_id, id),
  CONSTRAINT refresh_tokens_user_id_successor_id_fkey FOREIGN KEY (user_id, successor_id) REFERENCES refresh_tokens(user_id, id),
  CONSTRAINT refresh_tokens_check CHECK (((used_at IS NULL) = (successor_id IS NULL)))
);
ALTER TABLE refresh_tokens OWNER TO artisan_owner;
CREATE INDEX refresh_tokens_expiry ON public.refresh_tokens USING btree (expires_at);
CREATE INDEX refresh_tokens_session ON public.refresh_tokens USING btree (user_id, session_id);
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON refresh_tokens
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON refresh_tokens TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON refresh_tokens TO artisan_system;

CREATE TABLE roles (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  permissions text[] NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT roles_org_id_name_key UNIQUE (org_id, name),
  CONSTRAINT roles_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT roles_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id)
);
ALTER TABLE roles OWNER TO artisan_owner;
CREATE TRIGGER notify_access_change AFTER DELETE OR UPDATE ON public.roles FOR EACH ROW EXECUTE FUNCTION notify_access_of_org();
ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON roles
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON roles TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON roles TO artisan_system;

CREATE TABLE schema_migrations (
  id integer NOT NULL DEFAULT nextval('schema_migrations_id_seq'::regclass),
  name character varying(255),
  batch integer,
  migration_time timestamp with time zone,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (id)
);
ALTER TABLE schema_migrations OWNER TO artisan_owner;

CREATE TABLE schema_migrations_lock (
  index integer NOT NULL DEFAULT nextval('schema_migrations_lock_index_seq'::regclass),
  is_locked integer,
  CONSTRAINT schema_migrations_lock_pkey PRIMARY KEY (index)
);
ALTER TABLE schema_migrations_lock OWNER TO artisan_owner;

CREATE TABLE sessions (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  active_org_id uuid,
  amr text[] NOT NULL,
  auth_time timestamp with time zone NOT NULL,
  mfa_at timestamp with time zone,
  ip text,
  user_agent text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  last_used_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  revoked_reason text,
  CONSTRAINT sessions_id_key UNIQUE (id),
  CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT sessions_active_org_id_fkey FOREIGN KEY (active_org_id) REFERENCES organizations(id),
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE sessions OWNER TO artisan_owner;
CREATE TRIGGER notify_access_change AFTER DELETE OR UPDATE OF active_org_id, amr, auth_time, mfa_at, expires_at, revoked_at ON public.sessions FOR EACH ROW EXECUTE FUNCTION notify_access_of_user();
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON sessions
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON sessions TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO artisan_system;

CREATE TABLE signing_keys (
  kid text NOT NULL,
  public_jwk jsonb NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  activates_at timestamp with time zone NOT NULL,
  retires_at timestamp with time zone,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
  CONSTRAINT signing_keys_check CHECK ((retires_at >= activates_at))
);
ALTER TABLE signing_keys OWNER TO artisan_owner;
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON public.signing_keys FOR EACH STATEMENT EXECUTE FUNCTION notify_signing_keys_change();
GRANT INSERT, SELECT ON signing_keys TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON signing_keys TO artisan_system;

CREATE TABLE totp_factors (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  sealed_secret bytea NOT NULL,
  last_step integer,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  confirmed_at timestamp with time zone,
  CONSTRAINT totp_factors_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT totp_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE totp_factors OWNER TO artisan_owner;
CREATE UNIQUE INDEX totp_factors_confirmed_idx ON public.totp_factors USING btree (user_id) WHERE (confirmed_at IS NOT NULL);
CREATE UNIQUE INDEX totp_factors_pending_idx ON public.totp_factors USING btree (user_id) WHERE (confirmed_at IS NULL);
ALTER TABLE totp_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE totp_factors FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON totp_factors
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON totp_factors TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON totp_factors TO artisan_system;

CREATE TABLE users (
  id uuid NOT NULL,
  email text NOT NULL,
  name text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  email_verified_at timestamp with time zone,
  updated_at timestamp with time zone,
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_email_check CHECK ((email = lower(email)))
);
ALTER TABLE users OWNER TO artisan_owner;
CREATE INDEX users_unverified ON public.users USING btree (created_at) WHERE (email_verified_at IS NULL);
CREATE TRIGGER notify_access_change AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION notify_access_of_person();
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY members_of_tenant ON users
  USING ((EXISTS ( SELECT
   FROM memberships m
  WHERE ((m.user_id = users.id) AND (m.org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))))))
  WITH CHECK (false);
CREATE POLICY own ON users
  USING ((id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON users TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON users TO artisan_system;

CREATE TABLE webauthn_challenges (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  challenge text NOT NULL,
  purpose text NOT NULL,
  bound_to text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT webauthn_challenges_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT webauthn_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  CONSTRAINT webauthn_challenges_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'authenticate'::text])))
);
ALTER TABLE webauthn_challenges OWNER TO artisan_owner;
ALTER TABLE webauthn_challenges ENABLE ROW LEVEL SECURITY;
ALTER TABLE webauthn_challenges FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON webauthn_challenges
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_challenges TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_challenges TO artisan_system;

CREATE TABLE webauthn_credentials (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  credential_id text NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  name text NOT NULL,
  aaguid text NOT NULL,
  synced boolean NOT NULL,
  backed_up boolean NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  last_used_at timestamp with time zone,
  CONSTRAINT webauthn_credentials_credential_id_key UNIQUE (credential_id),
  CONSTRAINT webauthn_credentials_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT webauthn_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
ALTER TABLE webauthn_credentials OWNER TO artisan_owner;
ALTER TABLE webauthn_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE webauthn_credentials FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON webauthn_credentials
  USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_credentials TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webauthn_credentials TO artisan_system;

CREATE TABLE webhook_endpoints (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid,
  name text NOT NULL,
  url text NOT NULL,
  description text,
  event_types text[] NOT NULL,
  headers_sealed bytea,
  header_names text[] NOT NULL DEFAULT '{}'::text[],
  timeout_seconds integer NOT NULL DEFAULT 30,
  max_retries integer NOT NULL DEFAULT 5,
  retry_delay_seconds integer NOT NULL DEFAULT 60,
  retry_schedule_seconds integer[] NOT NULL DEFAULT '{}'::integer[],
  rate_limit_per_second integer,
  max_in_flight integer NOT NULL DEFAULT 10,
  ordered boolean NOT NULL DEFAULT false,
  filter jsonb,
  channels text[] NOT NULL DEFAULT '{}'::text[],
  signature text NOT NULL DEFAULT 'v1'::text,
  public_keys text[] NOT NULL DEFAULT '{}'::text[],
  status text NOT NULL DEFAULT 'active'::text,
  delivered_count bigint NOT NULL DEFAULT 0,
  failed_count bigint NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  consecutive_failures integer NOT NULL DEFAULT 0,
  failing_since timestamp with time zone,
  held_until timestamp with time zone,
  verified_at timestamp with time zone,
  lane text NOT NULL DEFAULT 'own'::text,
  lane_since timestamp with time zone,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT webhook_endpoints_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT webhook_endpoints_org_id_workspace_id_fkey FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces(org_id, id),
  CONSTRAINT webhook_endpoints_lane_check CHECK ((lane = ANY (ARRAY['own'::text, 'express'::text]))),
  CONSTRAINT webhook_endpoints_max_in_flight_check CHECK ((max_in_flight > 0)),
  CONSTRAINT webhook_endpoints_max_retries_check CHECK (((max_retries >= 0) AND (max_retries <= 10))),
  CONSTRAINT webhook_endpoints_rate_limit_per_second_check CHECK ((rate_limit_per_second > 0)),
  CONSTRAINT webhook_endpoints_retry_delay_seconds_check CHECK ((retry_delay_seconds >= 0)),
  CONSTRAINT webhook_endpoints_signature_check CHECK ((signature = ANY (ARRAY['v1'::text, 'v1a'::text]))),
  CONSTRAINT webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'failing'::text, 'disabled'::text]))),
  CONSTRAINT webhook_endpoints_timeout_seconds_check CHECK (((timeout_seconds >= 1) AND (timeout_seconds <= 300)))
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=200);
ALTER TABLE webhook_endpoints OWNER TO artisan_owner;
CREATE INDEX webhook_endpoints_express ON public.webhook_endpoints USING btree (id) WHERE (lane = 'express'::text);
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_endpoints
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON webhook_endpoints TO artisan_app;
GRANT SELECT, UPDATE ON webhook_endpoints TO artisan_system;

CREATE TABLE webhook_replays (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'running'::text,
  reason text,
  since timestamp with time zone,
  until timestamp with time zone NOT NULL,
  event_types text[],
  statuses text[] NOT NULL,
  per_second integer NOT NULL,
  matching integer NOT NULL,
  replayed integer NOT NULL DEFAULT 0,
  "position" uuid,
  next_batch_at timestamp with time zone NOT NULL DEFAULT now(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  finished_at timestamp with time zone,
  missing boolean NOT NULL DEFAULT false,
  CONSTRAINT webhook_replays_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT webhook_replays_org_id_endpoint_id_fkey FOREIGN KEY (org_id, endpoint_id) REFERENCES webhook_endpoints(org_id, id),
  CONSTRAINT webhook_replays_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  CONSTRAINT webhook_replays_per_second_check CHECK ((per_second > 0)),
  CONSTRAINT webhook_replays_status_check CHECK ((status = ANY (ARRAY['running'::text, 'paused'::text, 'completed'::text, 'cancelled'::text])))
);
ALTER TABLE webhook_replays OWNER TO artisan_owner;
CREATE UNIQUE INDEX webhook_replays_unfinished ON public.webhook_replays USING btree (org_id, endpoint_id) WHERE (finished_at IS NULL);
ALTER TABLE webhook_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_replays FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_replays
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON webhook_replays TO artisan_app;
GRANT SELECT ON webhook_replays TO artisan_system;

CREATE TABLE webhook_secrets (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone,
  CONSTRAINT webhook_secrets_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT webhook_secrets_org_id_endpoint_id_fkey FOREIGN KEY (org_id, endpoint_id) REFERENCES webhook_endpoints(org_id, id),
  CONSTRAINT webhook_secrets_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id)
);
ALTER TABLE webhook_secrets OWNER TO artisan_owner;
CREATE INDEX webhook_secrets_endpoint ON public.webhook_secrets USING btree (org_id, endpoint_id);
ALTER TABLE webhook_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_secrets
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_secrets TO artisan_app;
GRANT SELECT, UPDATE ON webhook_secrets TO artisan_system;

CREATE TABLE webhook_stats (
  org_id uuid NOT NULL,
  resolution text NOT NULL,
  starts_at timestamp with time zone NOT NULL,
  endpoint_id uuid NOT NULL,
  attempts integer NOT NULL,
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  first_attempts integer NOT NULL,
  duration_ms_sum bigint NOT NULL,
  error_codes text[] NOT NULL,
  status_classes smallint[] NOT NULL,
  result_counts integer[] NOT NULL,
  duration_buckets smallint[] NOT NULL,
  duration_counts integer[] NOT NULL,
  CONSTRAINT webhook_stats_pkey PRIMARY KEY (org_id, resolution, starts_at, endpoint_id),
  CONSTRAINT webhook_stats_resolution_check CHECK ((resolution = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text])))
);
ALTER TABLE webhook_stats OWNER TO artisan_owner;
CREATE INDEX webhook_stats_of_endpoint ON public.webhook_stats USING btree (org_id, endpoint_id, resolution, starts_at);
ALTER TABLE webhook_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_stats FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_stats
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT SELECT ON webhook_stats TO artisan_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_stats TO artisan_system;

CREATE TABLE webhook_stats_progress (
  singleton boolean NOT NULL DEFAULT true,
  sealed_until timestamp with time zone NOT NULL,
  rolled_until timestamp with time zone NOT NULL,
  marked_at timestamp with time zone,
  marked_xid xid8,
  CONSTRAINT webhook_stats_progress_pkey PRIMARY KEY (singleton),
  CONSTRAINT webhook_stats_progress_singleton_check CHECK (singleton)
);
ALTER TABLE webhook_stats_progress OWNER TO artisan_owner;
GRANT SELECT ON webhook_stats_progress TO artisan_app;
GRANT SELECT, UPDATE ON webhook_stats_progress TO artisan_system;

CREATE TABLE workspaces (
  org_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  CONSTRAINT workspaces_pkey PRIMARY KEY (org_id, id),
  CONSTRAINT workspaces_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id)
);
ALTER TABLE workspaces OWNER TO artisan_owner;
CREATE TRIGGER notify_access_change AFTER UPDATE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION notify_access_of_org();
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workspaces
  USING ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")));
GRANT INSERT, SELECT, UPDATE ON workspaces TO artisan_app;
GRANT INSERT, SELECT, UPDATE ON workspaces TO artisan_system;
