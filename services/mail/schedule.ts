const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first failure, the second, and so on; the last one repeats. */
const DELAYS_MS = [10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR];
/** A mail server that comes back is not met by all of them at once. */
const JITTER = 0.2;

/** When to try again after so many failures (1 for the first); null when that is too late. */
export function nextAttempt(failures: number, now: Date, giveUpAt: Date, random: () => number = Math.random): Date | null {
  const delayMs = DELAYS_MS[Math.min(failures, DELAYS_MS.length) - 1]! * (1 + JITTER * random());
  const at = new Date(now.getTime() + Math.round(delayMs));
  return at < giveUpAt ? at : null;
}
