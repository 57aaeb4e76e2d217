import type { Config } from '../config.ts';
import { readSecrets } from './secrets.ts';
import { dataDirOf, existingConfig } from './settings.ts';

/** What a command of the operator works with, beside a running platform. Throws ConfigError, and Error with what must be done first. */
export function operatorConfig(env: NodeJS.ProcessEnv): Config & { DATABASE_SYSTEM_URL: string } {
  const dataDir = dataDirOf(env);
  if (env['DATABASE_URL'] === undefined && readSecrets(dataDir) === null)
    throw new Error(`${dataDir} was never started: run npm start first.`);
  const config = existingConfig(env);
  const { DATABASE_SYSTEM_URL } = config;
  if (DATABASE_SYSTEM_URL === undefined)
    throw new Error('DATABASE_URL is set, so set DATABASE_SYSTEM_URL too (Postgres as artisan_system).');
  return { ...config, DATABASE_SYSTEM_URL };
}
