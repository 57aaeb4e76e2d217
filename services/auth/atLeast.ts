import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Answers, or fails, after `floorMs` at the earliest: whether there was something to do cannot be told by the time it took. What an unknown
 * account spares is a few statements of a millisecond each, far below the floor.
 */
export async function atLeast<T>(floorMs: number, work: () => Promise<T>): Promise<T> {
  const floor = sleep(floorMs);
  try {
    return await work();
  } finally {
    await floor;
  }
}
