import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { closeActivityDeps, createActivityDeps } from '../../../activities/deps.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { ExpressLane } from '../../../activities/webhooks/express/expressLane.ts';
import { ExpressStore } from '../../../activities/webhooks/express/expressStore.ts';
import { shardOf } from '../../../services/webhooks/express/lane.ts';
import { useDatabase } from '../../support/database.ts';
import { moveToExpress } from '../../support/expressLane.ts';
import { TestTenant } from '../../support/tenant.ts';
import { testConfig } from '../../support/testConfig.ts';

const ANSWER_MS = 5;

describe('an endpoint of the express lane and what makes it busy', () => {
  const database = useDatabase();
  let deps: ActivityDeps;
  let tenant: TestTenant;
  before(async () => {
    deps = createActivityDeps(testConfig(database), new AbortController().signal);
    tenant = await TestTenant.create(database);
  });
  after(() => closeActivityDeps(deps));

  /** One run over the endpoint's shard; `sending` is called with each request. Returns the lane the endpoint is in afterwards, and how many it received. */
  async function serve({ count, maxInFlight }: { count: number; maxInFlight: number }, sending: (lane: ExpressLane, id: string) => void) {
    const { id } = await tenant.webhook({ maxInFlight });
    await moveToExpress(tenant, [id]);
    await tenant.publish(...Array.from({ length: count }, () => ({})));
    let received = 0;
    const express = new ExpressLane({
      shard: shardOf(id),
      store: new ExpressStore(deps, () => tenant.actor),
      inTurn: (_orgId, send) => send(),
      post: async () => {
        received += 1;
        sending(express, id);
        const startedAt = new Date();
        await sleep(ANSWER_MS);
        return { startedAt, durationMs: ANSWER_MS, statusCode: 200, errorCode: null, responseExcerpt: null, retryAfter: null };
      },
      lifeMs: 8_000,
      lingerMs: 100,
      stop: new AbortController().signal,
      observe: () => {},
    });
    await express.run();
    const [endpoint] = await tenant.rows<{ lane: string }>('webhook_endpoints', { id });
    await tenant.update('webhook_endpoints', { id }, () => ({ status: 'paused' }));
    return { lane: endpoint?.lane, received };
  }

  it('with forty that wait it is not, however often they are claimed and given back before they are sent', async () => {
    const giveBack = (lane: ExpressLane, id: string): void => lane.changed(id);
    expect(await serve({ count: 40, maxInFlight: 1 }, giveBack)).to.deep.equal({ lane: 'express', received: 40 });
  });

  it('with a hundred it is with the claim that would make them full, and what that one claimed is sent', async () => {
    expect(await serve({ count: 120, maxInFlight: 10 }, () => {})).to.deep.equal({ lane: 'own', received: 100 });
  });
});
