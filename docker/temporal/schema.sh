#!/bin/sh
# Brings Temporal's two databases to the schema of this server version. Safe to repeat: what is there is kept.
set -eu

for database in temporal temporal_visibility; do
  case "$database" in
    temporal) versions=/etc/temporal/schema/postgresql/v12/temporal/versioned ;;
    *) versions=/etc/temporal/schema/postgresql/v12/visibility/versioned ;;
  esac
  # SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD come from the environment.
  temporal-sql-tool --plugin postgres12 --db "$database" setup-schema --version 0.0
  temporal-sql-tool --plugin postgres12 --db "$database" update-schema --schema-dir "$versions"
done
