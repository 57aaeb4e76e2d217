import { setTimeout as sleep } from 'node:timers/promises';
import { PrivilegeError, assertLeastPrivilege } from '../db/leastPrivilege.ts';
import { createApp } from './app.ts';
import { loadConfigOrExit } from './config.ts';
import { closeDeps, createDeps } from './deps.ts';
import type { Deps } from './deps.ts';
import { listen } from './http/listen.ts';
import { onStop } from './onStop.ts';

const POSTGRES_RETRY_MS = 1_000;
/** For the publisher, the pools and the connections, once the last request is answered. */
const CLOSE_MS = 5_000;

const deps = createDeps(loadConfigOrExit());
await main(deps);

async function main({ config, logger, stopping }: Deps): Promise<void> {
  let http: Awaited<ReturnType<typeof listen>> | null = null;
  const shutdownMs = config.SHUTDOWN_SECONDS * 1_000;
  onStop(logger, shutdownMs + CLOSE_MS, async () => {
    stopping.abort();
    await http?.stop(shutdownMs);
    await closeDeps(deps);
  });
  await examineLogin(deps);
  http = await listen(createApp(deps).callback(), config.PORT, config.HOST);
  logger.info({ host: http.address.address, port: http.address.port }, 'API is listening');
}

/** Waits for Postgres as long as it takes, and refuses a login that could see more than one tenant at a time. */
async function examineLogin({ knex, logger }: Deps): Promise<void> {
  for (;;) {
    try {
      return await assertLeastPrivilege(knex);
    } catch (error) {
      if (error instanceof PrivilegeError) throw error;
      logger.warn({ err: error }, 'Postgres does not answer, trying again');
      await sleep(POSTGRES_RETRY_MS);
    }
  }
}
