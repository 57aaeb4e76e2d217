import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';

/** Sends the SDK's own log lines to ours, and keeps it from handling signals: this process has its own order of stopping. Once, before any worker. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    // Lines of the native core pass through the logger below as well, instead of going to stderr in a format of their own.
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const line = { ...meta };
      if (level === 'ERROR') logger.error(line, message);
      else logger.warn(line, message);
    }),
  });
}
