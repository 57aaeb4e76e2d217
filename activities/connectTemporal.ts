import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/** Waits for Temporal as long as it takes: a worker that is started first is no fault. Null when `stop` is aborted before. */
export async function connectTemporal(address: string, logger: Logger, stop: AbortSignal): Promise<NativeConnection | null> {
  for (let retryMs = FIRST_RETRY_MS; !stop.aborted; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      logger.warn({ err: error, address }, 'Temporal does not answer, trying again');
      await sleep(retryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return null;
}
