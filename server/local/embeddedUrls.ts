import { postgresUrl } from './postgresUrl.ts';
import type { LocalSecrets } from './secrets.ts';

export const DATABASE = 'artisan';

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
