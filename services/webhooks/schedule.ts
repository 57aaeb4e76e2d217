/** What an endpoint says about retries; delays in seconds. */
export interface RetryPolicy {
  maxRetries: number;
  retryDelaySeconds: number;
  /** When not empty, it is the schedule: one retry for each entry, and `maxRetries` and `retryDelaySeconds` do not count. */
  retryScheduleSeconds: number[];
}

const JITTER = 0.1;

/**
 * Milliseconds until the next attempt after `failures` counted failures (1 = the first attempt failed), or null when there is none left.
 * Doubling from `retryDelaySeconds`: 60, 120, 240, 480, 960; ±10 % so that endpoints do not fall into step.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: () => number = Math.random): number | null {
  const seconds = delaySeconds(policy, failures);
  return seconds === null ? null : Math.round(seconds * 1_000 * (1 - JITTER + 2 * JITTER * random()));
}

/** The delay before the retry that follows `failures` failures, in seconds, without jitter; null when there is none left. */
export function delaySeconds(policy: RetryPolicy, failures: number): number | null {
  if (policy.retryScheduleSeconds.length > 0) return policy.retryScheduleSeconds[failures - 1] ?? null;
  return failures > policy.maxRetries ? null : policy.retryDelaySeconds * 2 ** (failures - 1);
}
