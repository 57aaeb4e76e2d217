import type { Logger } from './logger.ts';

/**
 * Runs `stop` at the first SIGTERM or SIGINT, or when the supervisor at the other end of the IPC channel is gone, and ends the process:
 * 0 when it went well, 1 when it failed or took longer than `deadlineMs`. A second signal ends the process at once; the loss of
 * the supervisor counts as none, because it often comes together with a signal.
 * A fault that nobody caught ends it too, because its state is unknown.
 */
export function onStop(logger: Logger, deadlineMs: number, stop: () => Promise<void>): void {
  let stopping = false;
  let signals = 0;
  const begin = async (reason: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => end(logger, 'did not stop in time'), deadlineMs).unref();
    try {
      await stop();
    } catch (error) {
      end(logger, 'stopping failed', error);
    }
    logger.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(1);
      void begin(signal);
    });
  }
  process.on('disconnect', () => void begin('supervisor gone'));
  // Listening to the channel must not keep a process alive that has ended its work.
  process.channel?.unref();
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error: unknown) => end(logger, event, error));
}

function end(logger: Logger, reason: string, error?: unknown): never {
  logger.fatal({ err: error }, reason);
  process.exit(1);
}
