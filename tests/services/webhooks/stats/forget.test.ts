import { expect } from 'chai';
import { createKnex } from '../../../../db/knex.ts';
import { systemClock } from '../../../../server/clock.ts';
import { createSubjectKeys } from '../../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../../services/crypto/vault.ts';
import { runInTenant } from '../../../../services/runInTenant.ts';
import { floorTo } from '../../../../services/webhooks/stats/floorTo.ts';
import { forgetOldStats } from '../../../../services/webhooks/stats/forget.ts';
import { getAllStats } from '../../../../services/webhooks/stats/get.ts';
import { passOverAttempts } from '../../../../services/webhooks/stats/pass.ts';
import { useDatabase } from '../../../support/database.ts';
import { TestTenant } from '../../../support/tenant.ts';
import { TEST_SECRETS } from '../../../support/testConfig.ts';
import { manyAttempts, seed } from './attempts.ts';

const DAY = 86_400_000;

describe('how long stats are kept', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let tenant: TestTenant;
  const inDays = (days: number): Date => new Date(Date.now() + days * DAY);
  const start = floorTo('day', inDays(-40));

  before(async () => {
    tenant = await TestTenant.create(database);
    await database.system('webhook_stats_progress').update({ sealed_until: start, rolled_until: start });
    const endpoints = [(await tenant.webhook({})).id, (await tenant.webhook({})).id];
    await seed(database, tenant.orgId, manyAttempts(1_000, 3, { endpoints, from: inDays(-39), to: inDays(-1) }));
    await passOverAttempts(database.system);
  });

  const stats = async () => {
    const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
    const deps = { knex: database.app, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
    const query = { interval: 'day' as const, from: inDays(-40), to: inDays(-1) };
    const { totals, series } = await runInTenant(deps, tenant.actor, (ctx) => getAllStats(ctx, query));
    return { totals: { ...totals, results: totals.results.toSorted() }, series };
  };
  const left = async (): Promise<Record<string, number>> => {
    const rows = await tenant.rows<{ resolution: string }>('webhook_stats', {}, 'starts_at');
    const counts = { minute: 0, hour: 0, day: 0 };
    for (const { resolution } of rows) counts[resolution as keyof typeof counts] += 1;
    return counts;
  };
  const forget = (now: Date, limit = 10_000) => database.system.transaction((trx) => forgetOldStats(trx, { now, limit }));

  it('the figures stay when the attempts that they were counted from are dropped', async () => {
    const before = await stats();
    expect(before.totals.attempts).to.be.greaterThan(900);
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    const dropped = `
      DO $$ DECLARE part regclass; BEGIN
        FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'delivery_attempts'::regclass LOOP
          EXECUTE format('DROP TABLE %s', part);
        END LOOP;
      END $$`;
    await superuser.raw(dropped).finally(() => superuser.destroy());
    expect((await database.system('delivery_attempts').count())[0]).to.deep.equal({ count: 0 });
    await passOverAttempts(database.system);
    expect(await stats()).to.deep.equal(before);
  });

  it('minutes go after 7 days, hours after 90, days when the plan says, a limited number at a time', async () => {
    const before = await left();
    expect(await forget(inDays(0))).to.equal(0);
    expect(before['minute']).to.be.greaterThan(50).and.to.be.lessThan(1_000);
    expect(await forget(inDays(8), 10)).to.equal(10);
    await forget(inDays(8));
    expect(await left()).to.deep.equal({ ...before, minute: 0 });
    await forget(inDays(91));
    expect(await left()).to.deep.equal({ minute: 0, hour: 0, day: before['day'] });
    await forget(inDays(2_500));
    expect((await left())['day']).to.equal(before['day']);
    await forget(inDays(2_560));
    expect(await left()).to.deep.equal({ minute: 0, hour: 0, day: 0 });
  });

  it('days go sooner on a smaller plan', async () => {
    const day = { org_id: tenant.orgId, resolution: 'day', starts_at: inDays(-100), endpoint_id: tenant.orgId };
    const sums = { attempts: 1, succeeded: 1, failed: 0, first_attempts: 1, duration_ms_sum: 1 };
    const lists = { error_codes: [null], status_classes: [2], result_counts: [1], duration_buckets: [1], duration_counts: [1] };
    await database.system('webhook_stats').insert({ ...day, ...sums, ...lists });
    expect(await forget(inDays(0))).to.equal(0);
    await database.system('organizations').where({ id: tenant.orgId }).update({ plan: 'free' });
    expect(await forget(inDays(0))).to.equal(1);
  });

  it('what is not added up yet stays, however old it is', async () => {
    const minute = { org_id: tenant.orgId, resolution: 'minute', starts_at: inDays(-20), endpoint_id: tenant.orgId };
    const sums = { attempts: 1, succeeded: 1, failed: 0, first_attempts: 1, duration_ms_sum: 1 };
    const lists = { error_codes: [null], status_classes: [2], result_counts: [1], duration_buckets: [1], duration_counts: [1] };
    await database.system('webhook_stats_progress').update({ sealed_until: floorTo('minute', inDays(-21)) });
    await database.system('webhook_stats').insert({ ...minute, ...sums, ...lists });
    expect(await forget(inDays(0))).to.equal(0);
    await database.system('webhook_stats_progress').update({ sealed_until: floorTo('minute', inDays(-19)) });
    expect(await forget(inDays(0))).to.equal(1);
  });
});
