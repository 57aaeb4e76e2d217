import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not null, and returns it. An error of the question counts as "not yet".
 * Throws after `timeoutMs` with what it waited for and the last error; throws at once when `giveUp` returns a reason.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | null> | T | null,
  { timeoutMs, everyMs = 50, giveUp }: { timeoutMs: number; everyMs?: number; giveUp?: () => string | null },
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      last = error;
    }
    const reason = giveUp?.() ?? null;
    if (reason !== null) throw new Error(`${what}: ${reason}`, { cause: last });
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s${describe(last)}`, { cause: last });
    await sleep(everyMs);
  }
}

function describe(error: unknown): string {
  if (error === undefined) return '';
  return ` (last: ${error instanceof Error ? error.message : JSON.stringify(error)})`;
}
