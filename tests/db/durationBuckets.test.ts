import { expect } from 'chai';
import { durationBucket, durationBucketSql, durationOf } from '../../db/queries/durationBuckets.ts';
import { useDatabase } from '../support/database.ts';

const LONGEST_MS = 330_000;
const EDGES = [1_000_000, 2 ** 24 - 1, 2 ** 24, 2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1];

describe('db: buckets of durations', () => {
  const database = useDatabase();

  it('are exact below 128 ms, and within 1/128 of every longer duration', () => {
    let worst = 0;
    for (const ms of [...Array(LONGEST_MS).keys(), ...EDGES]) {
      const error = Math.abs(durationOf(durationBucket(ms)) - ms);
      if (ms < 128) expect(error).to.equal(0);
      else worst = Math.max(worst, error / ms);
    }
    expect(worst)
      .to.be.lessThan(1 / 128)
      .and.to.be.greaterThan(1 / 140);
  });

  it('keep the order of durations: a quantile of buckets is the bucket of the quantile', () => {
    for (let ms = 1; ms < LONGEST_MS; ms += 1) {
      if (durationBucket(ms) < durationBucket(ms - 1)) throw new Error(`the bucket of ${ms} ms lies before that of ${ms - 1} ms`);
    }
    expect(durationBucket(LONGEST_MS)).to.be.lessThan(1_000);
  });

  it('are the same in Postgres as here, for every duration an attempt can have', async () => {
    const { rows } = await database.app.raw<{ rows: [{ buckets: number[]; edges: number[] }] }>(
      `SELECT (SELECT array_agg(${durationBucketSql('ms')} ORDER BY ms) FROM generate_series(0, ?::int) AS ms) AS buckets,
              (SELECT array_agg(${durationBucketSql('ms')} ORDER BY ms) FROM unnest(?::int[]) AS ms) AS edges`,
      [LONGEST_MS, EDGES],
    );
    expect(rows[0].edges).to.deep.equal(EDGES.map(durationBucket));
    const differing = rows[0].buckets.findIndex((bucket, ms) => bucket !== durationBucket(ms));
    expect([rows[0].buckets.length, differing]).to.deep.equal([LONGEST_MS + 1, -1]);
  });
});
