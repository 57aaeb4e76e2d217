import { expect } from 'chai';
import { createWorkerMetrics } from '../../activities/metrics.ts';

const BACKLOG = 'artisan_deliveries_unfinished';

describe('metrics of the worker', () => {
  it('have a backlog in the worker that measures it, and none in the others', async () => {
    let now = 0;
    const metrics = createWorkerMetrics(() => now);
    const value = async (): Promise<string | undefined> =>
      new RegExp(`^${BACKLOG} (.+)$`, 'm').exec(await metrics.registry.getSingleMetricAsString(BACKLOG))?.[1];
    expect(await value()).to.equal(undefined);
    metrics.backlog.set(42);
    expect(await value()).to.equal('42');
    now += 44_000;
    expect(await value()).to.equal('42');
    now += 2_000;
    expect(await value()).to.equal(undefined);
    metrics.backlog.set(0);
    expect(await value()).to.equal('0');
  });
});
