import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from '../server/logger.ts';
import { PrivilegeError, assertLeastPrivilege } from './leastPrivilege.ts';

const RETRY_MS = 200;
/** How often the log says that it still waits. */
const TELL_EVERY_TRIES = 50;

interface Examination {
  logger: Logger;
  /** Ends the wait; the process is about to end too. */
  stop: AbortSignal;
  /** The login is artisan_system's, which is meant to cross tenants. */
  bypassRls?: boolean;
}

/** At start: waits for Postgres as long as it takes. Throws PrivilegeError for a login that could see or do too much. */
export async function examineLogin(knex: Knex, { logger, stop, bypassRls = false }: Examination): Promise<void> {
  for (let tries = 0; !stop.aborted; tries += 1) {
    try {
      return await assertLeastPrivilege(knex, { bypassRls });
    } catch (error) {
      if (error instanceof PrivilegeError) throw error;
      if (tries % TELL_EVERY_TRIES === 0) logger.warn({ err: error }, 'Postgres does not answer, trying again');
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
