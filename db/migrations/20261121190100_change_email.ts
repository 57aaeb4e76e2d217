import type { Knex } from 'knex';

/** A person changes their address: the link goes to the new one, and the session that asked for it outlives the change. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE person_tokens ADD COLUMN session_id uuid');
  await knex.raw(`ALTER TABLE person_tokens DROP CONSTRAINT person_tokens_purpose_check,
    ADD CONSTRAINT person_tokens_purpose_check CHECK (purpose IN ('verify_email', 'reset_password', 'change_email'))`);
  await knex.raw(RELEASE);
  await knex.raw('GRANT EXECUTE ON FUNCTION release_unproven_address(text) TO artisan_app');
  await knex.raw('GRANT CREATE ON SCHEMA public TO artisan_system');
  await knex.raw('ALTER FUNCTION release_unproven_address(text) OWNER TO artisan_system');
  await knex.raw('REVOKE CREATE ON SCHEMA public FROM artisan_system');
}

// Only for a person whose open link went to that very address, and only a sign-up that nobody ever proved and that is nothing to anybody:
// whoever typed an address first does not keep it from who reads its mailbox.
const RELEASE = `
CREATE FUNCTION release_unproven_address(wanted_email text) RETURNS void
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
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
$body$`;
