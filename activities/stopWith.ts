import type { ActivityDeps } from './deps.ts';

/**
 * The first SIGTERM, SIGINT or the end of the supervisor begins an orderly stop: nothing new is claimed, requests in flight finish,
 * and those still running near the deadline are cut off and recorded as `interrupted`. A second signal ends the process at once.
 */
export function stopWith(deps: ActivityDeps, begin: () => void): void {
  let begun = false;
  const stop = (signal: string): void => {
    if (begun) process.exit(1);
    begun = true;
    deps.logger.info({ signal }, 'stopping');
    begin();
    setTimeout(() => deps.poster.interrupt(), Math.max(0, deps.config.WORKER_SHUTDOWN_SECONDS - 2) * 1_000).unref();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('supervisor gone'));
  // Listening to the channel must not keep a process alive that has ended its work.
  process.channel?.unref();
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      deps.logger.fatal({ err: error }, event);
      process.exit(1);
    });
  }
}
