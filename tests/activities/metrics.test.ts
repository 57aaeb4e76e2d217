import { expect } from 'chai';
import { createWorkerMetrics } from '../../activities/metrics.ts';
import type { Backlog } from '../../services/webhooks/backlog.ts';

const NAME = 'artisan_deliveries_unfinished';
const BACKLOG: Backlog = { unfinished: 0, held: 0, oldestDueSeconds: 0, failingEndpoints: 0, disabledEndpoints: 0 };

describe('metrics of the worker', () => {
  it('have a backlog in the worker that measures it, and none in the others', async () => {
    let now = 0;
    const metrics = createWorkerMetrics(() => now);
    const value = async (): Promise<string | undefined> =>
      new RegExp(`^${NAME} (.+)$`, 'm').exec(await metrics.registry.getSingleMetricAsString(NAME))?.[1];
    expect(await value()).to.equal(undefined);
    metrics.observeBacklog({ ...BACKLOG, unfinished: 42 });
    expect(await value()).to.equal('42');
    now += 44_000;
    expect(await value()).to.equal('42');
    now += 2_000;
    expect(await value()).to.equal(undefined);
    metrics.observeBacklog(BACKLOG);
    expect(await value()).to.equal('0');
  });
});
