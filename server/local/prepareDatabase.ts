import { createKnex } from '../../db/knex.ts';
import { migrate } from '../../db/migrate.ts';
import { createRoles } from '../../db/roles.ts';
import { postgresUrl, SUPERUSER } from './postgresCluster.ts';
import type { LocalSecrets } from './secrets.ts';

const DATABASE = 'artisan';

export interface DatabaseUrls {
  DATABASE_URL: string;
  DATABASE_SYSTEM_URL: string;
  DATABASE_OWNER_URL: string;
}

/** The three logins of the product in the embedded Postgres. */
export function embeddedUrls(port: number, { owner, app, system }: LocalSecrets['databasePasswords']): DatabaseUrls {
  const url = (role: string, password: string) => postgresUrl(port, `artisan_${role}`, password, DATABASE);
  return { DATABASE_URL: url('app', app), DATABASE_SYSTEM_URL: url('system', system), DATABASE_OWNER_URL: url('owner', owner) };
}

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
