export type Resolution = 'minute' | 'hour' | 'day';

export const WIDTH_MS: Record<Resolution, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The begin of the minute, hour or day (UTC) that the time lies in. */
export const floorTo = (resolution: Resolution, time: Date): Date =>
  new Date(Math.floor(time.getTime() / WIDTH_MS[resolution]) * WIDTH_MS[resolution]);
