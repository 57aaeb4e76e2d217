import { loadConfig } from '../../server/config.ts';
import type { Config } from '../../server/config.ts';
import type { TestDatabase } from './database.ts';

/** Public test material; never use it outside tests. */
export const TEST_SECRETS = {
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  API_KEY_PEPPER: 'test pepper, at least thirty-two characters long',
};

/** The environment of a process under test: the file's own database, the run's Temporal, free ports, quiet. */
export function testEnv(database: TestDatabase, overrides: Record<string, string> = {}): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    WORKER_PORT: '0',
    DATABASE_URL: database.urls.app,
    DATABASE_SYSTEM_URL: database.urls.system,
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
    TEMPORAL_NAMESPACE: process.env['TEST_TEMPORAL_NAMESPACE'] ?? '',
    WEBHOOK_ALLOW_INSECURE_LOOPBACK: 'true',
    WEBHOOK_LEASE_SECONDS: '3',
    WEBHOOK_LINGER_SECONDS: '2',
    WORKER_SHUTDOWN_SECONDS: '5',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...TEST_SECRETS,
    ...overrides,
  };
}

export const testConfig = (database: TestDatabase, overrides: Record<string, string> = {}): Config =>
  loadConfig(testEnv(database, overrides));
