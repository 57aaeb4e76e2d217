import { createKnex } from '../../db/knex.ts';
import { migrate } from '../../db/migrate.ts';
import { createRoles } from '../../db/roles.ts';
import { DATABASE, embeddedUrls } from './embeddedUrls.ts';
import { postgresUrl, SUPERUSER } from './postgresUrl.ts';
import type { LocalSecrets } from './secrets.ts';

/** Roles, database and schema of the embedded Postgres. Safe to repeat. */
export async function prepareDatabase(port: number, passwords: LocalSecrets['databasePasswords']): Promise<void> {
  const { superuser, ...roles } = passwords;
  const knex = createKnex(postgresUrl(port, SUPERUSER, superuser, 'postgres'), {
    max: 1,
    applicationName: 'artisan-start',
    statementTimeoutMs: 0,
  });
  try {
    await createRoles(knex, roles, DATABASE);
  } finally {
    await knex.destroy();
  }
  await migrate(embeddedUrls(port, passwords).DATABASE_OWNER_URL);
}
