#!/bin/sh
# Runs once, on an empty data directory, as the superuser of the container.
# Makes the three roles and the database of the product, and a role with two databases for Temporal.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner ARTISAN_OWNER_PASSWORD
\getenv app ARTISAN_APP_PASSWORD
\getenv system ARTISAN_SYSTEM_PASSWORD
\getenv temporal TEMPORAL_DB_PASSWORD

SELECT set_config('artisan.owner_password', :'owner', false) IS NOT NULL AS owner_password_taken,
       set_config('artisan.app_password', :'app', false) IS NOT NULL AS app_password_taken,
       set_config('artisan.system_password', :'system', false) IS NOT NULL AS system_password_taken;
\i /artisan/roles.sql

CREATE DATABASE artisan OWNER artisan_owner;
REVOKE ALL ON DATABASE artisan FROM PUBLIC;
GRANT CONNECT ON DATABASE artisan TO artisan_app, artisan_system;

CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'temporal';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE temporal, temporal_visibility FROM PUBLIC;
SQL
