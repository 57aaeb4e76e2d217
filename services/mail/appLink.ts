import type { Config } from '../../server/config.ts';

type Addresses = Pick<Config, 'APP_URL' | 'PUBLIC_URL' | 'PORT'>;

/**
 * An address for a mail: `path` (such as `invitations/<token>`) below APP_URL, the user interface. Without one it is a small page of that name
 * which the API serves itself.
 */
export function appLink({ APP_URL, PUBLIC_URL, PORT }: Addresses, path: string): string {
  const base = APP_URL ?? PUBLIC_URL ?? `http://localhost:${PORT}`;
  return `${base.replace(/\/+$/, '')}/${path}`;
}
