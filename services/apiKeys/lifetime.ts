const DAY_MS = 86_400_000;

/** Until when the policy lets a key be used, counted from when it was created; null: no limit. */
export function lifetimeEnd(createdAt: Date, maxLifetimeDays: number | null): Date | null {
  return maxLifetimeDays === null ? null : new Date(createdAt.getTime() + maxLifetimeDays * DAY_MS);
}
