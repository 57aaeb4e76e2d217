import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { embeddedUrls } from './embeddedUrls.ts';
import { readPorts } from './rememberedPorts.ts';
import { localSecrets, readSecrets } from './secrets.ts';
import type { LocalSecrets } from './secrets.ts';

export interface LocalSettings {
  config: Config;
  dataDir: string;
  secrets: LocalSecrets;
}

/** Reads `.env` of the working folder where there is one; variables that are set already stay. */
export function readDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** The data folder, absolute. */
export function dataDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(env['DATA_DIR'] || '.data');
}

/**
 * The configuration of a local start: the environment, completed by generated secrets and by what is convenient on one machine
 * (`http://` endpoints on loopback, not in production). Throws ConfigError.
 */
export function localSettings(env: NodeJS.ProcessEnv): LocalSettings {
  const dataDir = dataDirOf(env);
  const secrets = localSecrets(dataDir);
  return { config: configWith(env, dataDir, secrets), dataDir, secrets };
}

/** The same for a command beside a start: it generates nothing. Throws ConfigError when the secrets are neither given nor in the data folder. */
export function existingConfig(env: NodeJS.ProcessEnv): Config {
  const dataDir = dataDirOf(env);
  const secrets = readSecrets(dataDir);
  const config = configWith(env, dataDir, secrets);
  const port = readPorts(dataDir).postgres;
  if (config.DATABASE_URL !== undefined || secrets === null || port === undefined) return config;
  return { ...config, ...embeddedUrls(port, secrets.databasePasswords) };
}

function configWith(env: NodeJS.ProcessEnv, dataDir: string, secrets: LocalSecrets | null): Config {
  const production = env['NODE_ENV'] === 'production';
  return loadConfig({
    ...env,
    DATA_DIR: dataDir,
    ENCRYPTION_KEYS: env['ENCRYPTION_KEYS'] || secrets?.encryptionKeys,
    API_KEY_PEPPER: env['API_KEY_PEPPER'] || secrets?.apiKeyPepper,
    WEBHOOK_ALLOW_INSECURE_LOOPBACK: env['WEBHOOK_ALLOW_INSECURE_LOOPBACK'] || (production ? undefined : 'true'),
  });
}

const OWNER_ONLY = new Set(['DATABASE_OWNER_URL']);
const NOT_THE_API = new Set([...OWNER_ONLY, 'DATABASE_SYSTEM_URL', 'SMTP_URL']);

/** The settings of one of our processes as environment variables: the API gets one database login, the worker two, nobody the owner's. */
export function processEnvironment(config: Config, process: 'api' | 'worker'): Record<string, string> {
  const withheld = process === 'api' ? NOT_THE_API : OWNER_ONLY;
  const given = Object.entries(config).filter(([name, value]) => value !== undefined && !withheld.has(name));
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
