import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';

/** Sends the SDK's own log lines to ours, and keeps it from handling signals: this process has its own order of stopping. Once, before any worker. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const line = { ...meta };
      if (level === 'ERROR') logger.error(line, message);
      else logger.warn(line, message);
    }),
  });
}
