/**
 * Buckets for durations in whole milliseconds that can be added up over minutes, endpoints and days: below 128 ms each millisecond has
 * its own, above that 64 share each doubling. A bucket's middle is at most 1/128 (0.8 %) away from any duration in it.
 * All is done with whole numbers, so Postgres and JavaScript agree on every one (tests/db/durationBuckets.test.ts).
 */
const EXACT_BELOW = 128;
const HALF = EXACT_BELOW / 2;
/** 128, 256, 512 … 2³⁰: how many of them a duration reaches is how often it is halved. */
const DOUBLINGS = Array.from({ length: 24 }, (_, index) => EXACT_BELOW * 2 ** index);

/** SQL: the bucket of an `int` column of milliseconds. */
export function durationBucketSql(column: string): string {
  const halvings = `width_bucket(${column}, '{${DOUBLINGS.join(',')}}'::int[])`;
  return `(${HALF} * ${halvings} + (${column} >> ${halvings}))`;
}

/** The bucket of a duration in milliseconds. */
export function durationBucket(ms: number): number {
  const halvings = DOUBLINGS.filter((doubling) => ms >= doubling).length;
  return HALF * halvings + Math.floor(ms / 2 ** halvings);
}

/** The whole milliseconds in the middle of a bucket. */
export function durationOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const halvings = Math.floor(bucket / HALF) - 1;
  const width = 2 ** halvings;
  return (bucket - HALF * halvings) * width + Math.floor((width - 1) / 2);
}
