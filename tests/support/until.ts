import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until the answer is as wanted; returns after how many milliseconds it was. Throws after `atMostMs`:
 * less than the five seconds that a process may remember what it was not told about shows that it was told.
 */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, atMostMs: number): Promise<number> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    const tookMs = Date.now() - started;
    if (wanted(answer)) return tookMs;
    if (tookMs > atMostMs) throw new Error(`not within ${atMostMs} ms; the last answer was ${JSON.stringify(answer)}`);
    await sleep(20);
  }
}
