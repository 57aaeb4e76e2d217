-- The three roles of the product. Run by a superuser; repeatable; needs PostgreSQL 16 or later.
-- Passwords come in as settings (artisan.owner_password, artisan.app_password, artisan.system_password), so any client can
-- run this file: `SET artisan.app_password = '…'` in the same session first. A missing setting leaves that password as it is.
DO $$
DECLARE
  wanted record;
  password text;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('artisan_owner',  'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', 'artisan.owner_password'),
      ('artisan_app',    'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', 'artisan.app_password'),
      ('artisan_system', 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS',   'artisan.system_password')
    ) AS roles (name, attributes, password_setting)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      EXECUTE format('CREATE ROLE %I', wanted.name);
    END IF;
    EXECUTE format('ALTER ROLE %I %s', wanted.name, wanted.attributes);
    password := nullif(current_setting(wanted.password_setting, true), '');
    IF password IS NOT NULL THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', wanted.name, password);
    END IF;
  END LOOP;
END
$$;

-- Lets a migration hand find_api_key over to artisan_system, and back-fill across tenants, by an explicit SET ROLE only.
GRANT artisan_system TO artisan_owner WITH INHERIT FALSE, SET TRUE;
