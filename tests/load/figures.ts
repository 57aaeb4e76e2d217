/** The value that `share` (0 to 1) of the values do not exceed; 0 for none. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: number[]): number => percentile(values, 0.5);

export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** Median of each figure over the runs. */
export function medians<T extends Record<string, number>>(runs: T[]): T {
  const names = Object.keys(runs[0] ?? {}) as (keyof T & string)[];
  return Object.fromEntries(names.map((name) => [name, rounded(median(runs.map((run) => run[name] ?? 0)))])) as T;
}
