import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { closeActivityDeps, createActivityDeps } from '../../../activities/deps.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { DeliveryStore } from '../../../activities/webhooks/deliveryStore.ts';
import { ExpressStore } from '../../../activities/webhooks/express/expressStore.ts';
import { MOST_OF_ONE } from '../../../activities/webhooks/express/sparsity.ts';
import { createKnex } from '../../../db/knex.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { enqueueWake } from '../../../services/outbox/wakes.ts';
import { useDatabase } from '../../support/database.ts';
import { moveToExpress } from '../../support/expressLane.ts';
import { TestTenant } from '../../support/tenant.ts';
import { testConfig } from '../../support/testConfig.ts';

/** Any number that nothing else locks. */
const GATE = 980_066;

describe('claims of deliveries', () => {
  const database = useDatabase();
  let deps: ActivityDeps;
  let superuser: Knex;
  let tenant: TestTenant;
  before(() => {
    deps = createActivityDeps(testConfig(database), new AbortController().signal);
    superuser = createKnex(database.urls.superuser, { max: 2, applicationName: 'test', statementTimeoutMs: 10_000 });
  });
  after(() => Promise.all([closeActivityDeps(deps), superuser.destroy()]));
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
  });

  const own = (endpointId: string) => new DeliveryStore(deps, tenant.actor, endpointId);
  const express = () => new ExpressStore(deps, () => tenant.actor);
  const claimExpress = (endpointIds: string[], limit: number) => express().claim(tenant.orgId, endpointIds, limit, () => false);

  /** Runs `between` after the first statement that settles or claims, and before the second. */
  async function interrupted<T>(claim: () => Promise<T>, between: () => Promise<unknown>): Promise<T> {
    await superuser.raw(`CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(${GATE}); RETURN NULL; END $$;
      CREATE TRIGGER gate AFTER DELETE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION gate();
      CREATE TRIGGER gate AFTER UPDATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION gate()`);
    try {
      const closed = await superuser.transaction();
      await closed.raw('SELECT pg_advisory_xact_lock(?)', [GATE]);
      const claimed = claim();
      const stands = superuser('pg_locks').where({ locktype: 'advisory', objid: GATE, granted: false }).first();
      while ((await stands.clone()) === undefined) await sleep(10);
      await between();
      await closed.commit();
      return await claimed;
    } finally {
      await superuser.raw('DROP FUNCTION gate CASCADE');
    }
  }

  const lanes: Record<string, () => Promise<() => Promise<{ deliveries: unknown[] }>>> = {
    'an endpoint of its own': async () => {
      const { id } = await tenant.webhook({});
      return () => own(id).claim(100);
    },
    'the express lane': async () => {
      const { id } = await tenant.webhook({});
      await moveToExpress(tenant, [id]);
      return () => claimExpress([id], 100);
    },
  };
  for (const [lane, prepare] of Object.entries(lanes))
    it(`${lane}: what is published while it claims is claimed, or somebody is still promised to be woken for it`, async () => {
      const claim = await prepare();
      await tenant.publish({});
      const { deliveries } = await interrupted(claim, () => tenant.publish({}));
      const promises = await tenant.rows('outbox');
      expect(deliveries.length === 2 || promises.length > 0, `${deliveries.length} claimed, ${promises.length} promised`).to.equal(true);
    });

  /** The payload of the oldest event is gone, as when retention or an erasure came between. */
  const eraseOldest = (...published: { id: string }[]) =>
    superuser('events').where({ id: published[0]!.id }).update({ payload: null, payload_erased_at: new Date() });

  it('as many of an endpoint as one claim takes: it is looked at again, also when some of them have nothing to send', async () => {
    const { id } = await tenant.webhook({});
    await moveToExpress(tenant, [id]);
    await eraseOldest(...(await tenant.publish(...Array.from({ length: MOST_OF_ONE + 1 }, () => ({})))));
    const { deliveries, again } = await claimExpress([id], 100);
    expect(deliveries).to.have.length(MOST_OF_ONE - 1);
    expect(again).to.deep.equal([id]);
    expect(await claimExpress([id], 100)).to.deep.include({ again: [] });
  });

  it('as many as there is room for: all are looked at again, also when some of them have nothing to send', async () => {
    const ids = [(await tenant.webhook({})).id, (await tenant.webhook({})).id];
    await moveToExpress(tenant, ids);
    await eraseOldest(...(await tenant.publish({}, {})));
    const { deliveries, again } = await claimExpress(ids, 3);
    expect(deliveries.length).to.be.below(3);
    expect(again).to.have.members(ids);
  });

  it('a run that only seemed dead finds its endpoint in the express lane: it claims nothing, gives back, and leaves lane and promises alone', async () => {
    const { id } = await tenant.webhook({});
    const frozen = own(id);
    await tenant.publish({});
    const { deliveries } = await frozen.claim(1);
    await moveToExpress(tenant, [id]);
    await tenant.publish({});
    await withTenant(deps.knex, tenant.orgId, (trx) => enqueueWake(trx, tenant.orgId, [id]));
    const promised = await tenant.rows('outbox');
    frozen.settling.promised();
    frozen.forgetTarget();
    expect(await frozen.recheck(deliveries.map((delivery) => delivery.id))).to.deep.equal({ target: 'express', wanted: new Set() });
    expect(await frozen.claim(1)).to.deep.equal({ target: 'express', deliveries: [] });
    await sleep(600);
    expect(await tenant.rows('outbox')).to.deep.equal(promised);
    expect(await tenant.rows('webhook_endpoints', { id })).to.containSubset([{ lane: 'express' }]);
    expect((await claimExpress([id], 100)).deliveries).to.have.length(2);
  });
});
