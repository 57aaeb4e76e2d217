import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../../../db/knex.ts';
import { durationOf } from '../../../../db/queries/durationBuckets.ts';
import { systemClock } from '../../../../server/clock.ts';
import { createSubjectKeys } from '../../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../../services/crypto/vault.ts';
import { runInTenant } from '../../../../services/runInTenant.ts';
import { getAllStats, getWebhookStats } from '../../../../services/webhooks/stats/get.ts';
import type { WebhookStats } from '../../../../services/webhooks/stats/get.ts';
import { floorTo } from '../../../../services/webhooks/stats/floorTo.ts';
import { passOverAttempts } from '../../../../services/webhooks/stats/pass.ts';
import { useDatabase } from '../../../support/database.ts';
import { TestTenant } from '../../../support/tenant.ts';
import { TEST_SECRETS } from '../../../support/testConfig.ts';
import { attemptRow, manyAttempts, seed } from './attempts.ts';
import type { Seeded } from './attempts.ts';
import { rawResults, rawStats } from './rawStats.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const INTERVALS = ['minute', 'hour', 'day'] as const;
/** How far back each interval is asked for. */
const BACK = { minute: 24 * HOUR, hour: 40 * DAY, day: 80 * DAY };

describe('stats of attempts', function () {
  this.timeout(120_000);
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  let tenants: { tenant: TestTenant; endpoints: string[] }[];

  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const one = (fields: Partial<Seeded>): Seeded => ({
    at: new Date(),
    endpointId: tenants[0]!.endpoints[0]!,
    durationMs: 20,
    statusCode: 200,
    errorCode: null,
    number: 1,
    ...fields,
  });
  const pass = () => passOverAttempts(database.system);
  const progress = async () => (await database.system('webhook_stats_progress').first()) as { sealed_until: Date; rolled_until: Date };

  type Interval = (typeof INTERVALS)[number];
  function statsOf(tenant: TestTenant, endpointId: string | null, interval: Interval, from = ago(BACK[interval])): Promise<WebhookStats> {
    const deps = { knex: database.app, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
    const query = { interval, from, to: null };
    return runInTenant(deps, tenant.actor, (ctx) =>
      endpointId === null ? getAllStats(ctx, query) : getWebhookStats(ctx, endpointId, query),
    );
  }

  /** Every figure of an answer against the attempts themselves. Returns how many attempts that were. */
  async function expectRaw(tenant: TestTenant, endpointIds: string[], interval: (typeof INTERVALS)[number]): Promise<number> {
    const stats = await statsOf(tenant, endpointIds.length === 1 ? endpointIds[0]! : null, interval);
    const scope = { orgId: tenant.orgId, endpointIds, interval, from: stats.from, to: stats.to };
    const raw = await rawStats(database.system, scope);
    const points = [...stats.series.filter(({ attempts }) => attempts > 0), { ...stats.totals, start: null }];
    expect(
      points.map(({ start, attempts, succeeded, failed, started, durations: { mean, p50, p95, p99 } }) => {
        return { start, attempts, succeeded, failed, started, mean, quantiles: p50 === null ? null : [p50, p95, p99] };
      }),
    ).to.deep.equal(raw.map(({ exact: _exact, ...point }) => ({ ...point, quantiles: point.quantiles?.map(durationOf) ?? null })));
    for (const [index, { exact }] of raw.entries()) {
      const { p50, p95, p99 } = points[index]!.durations;
      for (const [at, wanted] of (exact ?? []).entries()) expect([p50, p95, p99][at]).to.be.closeTo(wanted, wanted / 128);
    }
    expect(stats.totals.results).to.have.deep.members(await rawResults(database.system, scope));
    return stats.totals.attempts;
  }

  async function expectAllRaw(intervals: readonly (typeof INTERVALS)[number][] = INTERVALS): Promise<number> {
    let attempts = 0;
    for (const interval of intervals) {
      for (const { tenant, endpoints } of tenants) {
        attempts += await expectRaw(tenant, endpoints, interval);
        for (const endpoint of endpoints) await expectRaw(tenant, [endpoint], interval);
      }
    }
    return attempts;
  }

  before('two organizations with thousands of attempts', async () => {
    tenants = [];
    const start = floorTo('minute', ago(80 * DAY));
    await database.system('webhook_stats_progress').update({ sealed_until: start, rolled_until: start });
    for (const [index, count] of [4_000, 500].entries()) {
      const tenant = await TestTenant.create(database);
      const endpoints = [(await tenant.webhook({})).id, (await tenant.webhook({})).id, (await tenant.webhook({})).id];
      tenants.push({ tenant, endpoints });
      const spans = [2 * HOUR, 30 * HOUR, 70 * DAY];
      for (const [at, back] of spans.entries()) {
        await seed(database, tenant.orgId, manyAttempts(count, 10 * index + at, { endpoints, from: ago(back), to: new Date() }));
      }
    }
  });

  it('before anything is rolled up, are those of the last minutes, and say so', async () => {
    const { tenant } = tenants[0]!;
    const { completeUntil } = await statsOf(tenant, null, 'hour');
    expect(completeUntil).to.deep.equal((await progress()).rolled_until);
  });

  it('lose nothing and count nothing twice when passes are killed between transactions and in the middle of one', async () => {
    const died = (pool: Knex, at: number): Promise<string> => {
      let steps = 0;
      const onStep = (): void => {
        if ((steps += 1) === at) throw new Error('killed');
      };
      return passOverAttempts(pool, { onStep }).then(
        () => 'finished',
        () => 'killed',
      );
    };
    const earlier = await progress();
    for (const step of [1, 2, 5, 40]) expect(await died(database.system, step)).to.equal('killed');
    const half = await progress();
    expect(half.rolled_until).to.be.greaterThan(earlier.rolled_until).and.to.be.lessThan(ago(DAY));
    await whileLocked('webhook_stats', (victim) => died(victim, Infinity));
    expect((await progress()).rolled_until).to.deep.equal(half.rolled_until);
    await pass();
    expect(await expectAllRaw()).to.be.greaterThan(20_000);
  });

  it('are complete up to now once everything is rolled up', async () => {
    expect((await statsOf(tenants[0]!.tenant, null, 'hour')).completeUntil.getTime()).to.be.closeTo(Date.now(), 5_000);
  });

  it('have an attempt as soon as it is on record', async () => {
    const { tenant, endpoints } = tenants[0]!;
    const since = ago(DAY);
    const before = (await statsOf(tenant, endpoints[0]!, 'hour', since)).totals;
    await seed(database, tenant.orgId, [one({}), one({ statusCode: 500, errorCode: 'http_status' })]);
    const after = (await statsOf(tenant, endpoints[0]!, 'hour', since)).totals;
    expect([after.succeeded - before.succeeded, after.failed - before.failed]).to.deep.equal([1, 1]);
  });

  it('are the same when a pass is repeated, and when several run at once', async () => {
    await Promise.all([pass(), pass(), pass()]);
    await pass();
    await expectAllRaw(['hour']);
  });

  it('have an attempt that became visible long after its minute was rolled up', async () => {
    const { tenant, endpoints } = tenants[0]!;
    const at = ago(5 * MINUTE);
    await database
      .system('webhook_stats_progress')
      .update({ sealed_until: floorTo('minute', ago(12 * MINUTE)), marked_at: null, marked_xid: null });
    // One time for both: with the minute that passes meanwhile attempts would leave at the far end.
    const since = ago(HOUR);
    const counted = async () => (await statsOf(tenant, endpoints[0]!, 'minute', since)).totals.attempts;
    const before = await counted();
    const slow = await database.app.transaction();
    try {
      await slow.raw("select set_config('app.org_id', ?, true)", [tenant.orgId]);
      await slow('delivery_attempts').insert(attemptRow(tenant.orgId, one({ at })));
      for (let passes = 0; passes < 3; passes += 1) await pass();
      const { sealed_until: sealed, rolled_until: rolled } = await progress();
      expect([sealed < at, rolled > at]).to.deep.equal([true, true]);
      expect(await counted()).to.equal(before);
    } finally {
      await slow.commit();
    }
    while ((await progress()).sealed_until <= at) await pass();
    expect(await counted()).to.equal(before + 1);
    await expectAllRaw(['hour']);
  });

  /** Runs `work` on a pool of artisan_system whose connection is ended as soon as it waits for this table. */
  async function whileLocked(table: string, work: (victim: Knex) => Promise<string>): Promise<void> {
    const superuser = createKnex(database.urls.superuser, { max: 2, applicationName: 'test', statementTimeoutMs: 20_000 });
    const victim = createKnex(database.urls.system, { max: 1, applicationName: 'victim', statementTimeoutMs: 20_000 });
    const locked = await superuser.transaction();
    try {
      await locked.raw('LOCK TABLE ?? IN SHARE MODE', [table]);
      const killed = work(victim);
      const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event_type = 'Lock'`;
      while ((await superuser.raw<{ rows: unknown[] }>(end)).rows.length === 0) await sleep(20);
      expect(await killed).to.equal('killed');
    } finally {
      await locked.rollback();
      await Promise.all([superuser.destroy(), victim.destroy()]);
    }
  }
});
