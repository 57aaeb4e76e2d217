import { examineLogin } from '../db/examineLogin.ts';
import { AppError } from '../services/errors/AppError.ts';
import { createApp } from './app.ts';
import { loadConfigOrExit } from './config.ts';
import { closeDeps, createDeps } from './deps.ts';
import type { Deps } from './deps.ts';
import { boundHeapGrowth } from './heapGrowth.ts';
import { listen } from './http/listen.ts';
import { onStop } from './onStop.ts';

/** For the publisher, the pools and the connections, once the last request is answered. */
const CLOSE_MS = 5_000;

boundHeapGrowth();
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
  await examineLogin(deps.knex, { logger, stop: stopping.signal });
  if (stopping.signal.aborted) return;
  // Fails here, and not with the first request, when a master key is missing that is still needed.
  await deps.derivedKeys.load().catch(unlessPostgresIsAway);
  http = await listen(createApp(deps).callback(), config.PORT, config.HOST);
  logger.info({ host: http.address.address, port: http.address.port }, 'API is listening');
}

/** Gone again since it was examined: the first request loads them. Ending for that would only make the outage longer. */
function unlessPostgresIsAway(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'service_unavailable')) throw error;
}
