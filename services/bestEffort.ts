import type { Logger } from '../server/logger.ts';

/** Waits for something whose failure changes nothing that was promised, and says in the log why that is so. Never throws. */
export async function bestEffort(logger: Logger, reason: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    logger.warn({ err: error }, `best effort failed: ${reason}`);
  }
}
