import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowFailedError } from '@temporalio/client';
import { expect } from 'chai';
import { keepSchedule } from '../../activities/retention/keepSchedule.ts';
import { typeId } from '../../server/ids.ts';
import { expireBatch } from '../../services/retention/expire.ts';
import { keepRetentionSchedule } from '../../services/retention/lifecycle.ts';
import { withTenant } from '../../db/tenancy.ts';
import { NAME, SCHEDULE_ID, TASK_QUEUE } from '../../workflows/webhookRetention/contract.ts';
import type { Args } from '../../workflows/webhookRetention/contract.ts';
import { auditedChanges } from '../support/auditedChanges.ts';
import { useDatabase } from '../support/database.ts';
import { daysAgo, makeOldPartitions, partitionOf, plantHistory, useSuperuser } from '../support/oldHistory.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface ViewRow {
  entry_id: string;
  severity: string;
  target_id: string;
  workflow_id: string;
}

describe('webhookRetention', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const superuser = useSuperuser(database);
  after(() => worker.deps.temporal.schedule.getHandle(SCHEDULE_ID).delete());
  const worker = useWorker(database);
  let free: TestTenant;
  let enterprise: TestTenant;
  const endpoints = new Map<TestTenant, string>();

  before(async () => {
    [free, enterprise] = [await TestTenant.create(database), await TestTenant.create(database)];
    await superuser.knex('organizations').where({ id: free.orgId }).update({ plan: 'free' });
    for (const tenant of [free, enterprise]) endpoints.set(tenant, (await tenant.webhook({})).id);
  });
  beforeEach(() => makeOldPartitions(superuser.knex, 900));

  const plant = (tenant: TestTenant, daysOld: number, { status = 'delivered', count = 1 } = {}) =>
    plantHistory(superuser.knex, { orgId: tenant.orgId, endpointId: endpoints.get(tenant)!, daysOld, status, count });
  const counts = (tenant: TestTenant): Promise<number[]> =>
    Promise.all(['events', 'deliveries', 'delivery_attempts'].map(async (table) => (await tenant.rows(table)).length));
  const reports = (tenant: TestTenant) => tenant.rows<ViewRow>('audit_view', { action: 'webhooks.history.expired' }, 'entry_id');
  const exists = (table: string, daysOld: number) => superuser.knex.schema.hasTable(partitionOf(table, daysOld));
  const run = (id: string, args: Args = { v: 1, after: null }) =>
    worker.deps.temporal.workflow.execute(NAME, { workflowId: `${NAME}-${id}`, taskQueue: TASK_QUEUE, args: [args] });

  it('is scheduled once for the installation, daily, and can be run by hand', async () => {
    await keepRetentionSchedule(worker.deps.temporal);
    await keepRetentionSchedule(worker.deps.temporal);
    const schedule = worker.deps.temporal.schedule.getHandle(SCHEDULE_ID);
    const { spec, policies } = await schedule.describe();
    expect(spec.calendars?.[0]?.hour).to.deep.equal([{ start: 3, end: 3, step: 1 }]);
    expect(policies.overlap).to.equal('SKIP');
    await schedule.trigger();
    for (;;) {
      const { recentActions } = (await schedule.describe()).info;
      const started = recentActions[0]?.action.workflow.workflowId;
      if (started !== undefined) {
        await worker.deps.temporal.workflow.getHandle(started).result();
        await recordHistory(worker.deps.temporal, started, 'webhookRetention-v1-scheduled');
        return;
      }
      await sleep(50);
    }
  });

  it('is scheduled again without a restart of the worker when the schedule was lost, and left paused when operations paused it', async () => {
    const schedule = worker.deps.temporal.schedule.getHandle(SCHEDULE_ID);
    await schedule.pause('maintenance');
    const stopping = new AbortController();
    await keepSchedule({ ...worker.deps, stopping: stopping.signal }, 100);
    expect((await schedule.describe()).state.paused).to.equal(true);
    await schedule.delete();
    while (!(await schedule.describe().catch(() => null))) await sleep(50);
    stopping.abort();
  });

  it('drops what everybody’s plan is done with, removes row by row what shorter plans lose, and reports it once for each organization', async () => {
    await plant(free, 20);
    await plant(free, 40, { count: 3 });
    await plant(free, 41, { status: 'dead' });
    await plant(free, 700, { count: 2 });
    await plant(enterprise, 40);
    await plant(enterprise, 700, { count: 5 });
    await run('whole');
    expect(await counts(free)).to.deep.equal([1, 1, 1]);
    expect(await counts(enterprise)).to.deep.equal([1, 1, 1]);
    expect(await exists('events', 700)).to.equal(false);
    expect(await exists('delivery_attempts', 700)).to.equal(false);
    const [ofFree, ofEnterprise] = [await reports(free), await reports(enterprise)];
    expect(ofFree).to.have.length(1);
    expect(ofEnterprise).to.have.length(1);
    expect(ofFree[0]).to.include({ severity: 'warning', target_id: typeId('org', free.orgId), workflow_id: `${NAME}-whole` });
    expect(ofEnterprise[0]).to.include({ severity: 'info' });
    const action = 'webhooks.history.expired';
    const [change] = await auditedChanges(database, free.orgId, action);
    expect(change).to.include({ retention_days: 30, events: 6, deliveries: 6, dead_letters: 1, attempts: 6 });
    const [other] = await auditedChanges(database, enterprise.orgId, action);
    expect(other).to.include({ retention_days: 365, events: 5, deliveries: 5, dead_letters: 0, attempts: 5 });
    expect(await superuser.knex('history_removals')).to.deep.equal([]);
  });

  it('run again at once, it removes and reports nothing', async () => {
    const before = [await counts(free), await counts(enterprise), await reports(free), await reports(enterprise)];
    await run('again');
    expect([await counts(free), await counts(enterprise), await reports(free), await reports(enterprise)]).to.deep.equal(before);
  });

  it('an event that is still to be delivered keeps its month; what is finished around it goes', async () => {
    const [unfinished] = await plant(enterprise, 800, { status: 'pending' });
    await plant(free, 800, { count: 2 });
    await run('held');
    expect(await exists('events', 800)).to.equal(true);
    expect((await counts(free))[0]).to.equal(1);
    const kept = await enterprise.rows<{ id: string }>('events');
    expect(kept.map(({ id }) => id)).to.include(unfinished!.eventId);
  });

  it('what a run removed before it was killed is reported by the next one, in the same entry as the rest', async () => {
    await plant(free, 50, { count: 5, status: 'dead' });
    const before = daysAgo(30);
    const killed = await withTenant(database.system, free.orgId, (trx) => expireBatch(trx, { orgId: free.orgId, before, batch: 2 }));
    expect(killed).to.include({ events: 2, deliveries: 2, deadLetters: 2, attempts: 2, more: true });
    const [noted] = await superuser.knex('history_removals');
    expect(noted).to.include({ org_id: free.orgId, events: 2, dead_letters: 2 });
    const reported = (await reports(free)).length;
    await run('resumed');
    expect(await reports(free)).to.have.length(reported + 1);
    const change = (await auditedChanges(database, free.orgId, 'webhooks.history.expired')).at(-1);
    expect(change).to.include({ events: 5, deliveries: 5, dead_letters: 5, attempts: 5 });
    expect(await superuser.knex('history_removals')).to.deep.equal([]);
    expect((await free.rows('deliveries', { status: 'dead' })).length).to.equal(0);
  });

  it('an organization that fails keeps no other from losing what is old: the run says how many failed, and the next one makes up for it', async () => {
    const failing = free.orgId < enterprise.orgId ? free : enterprise;
    const other = failing === free ? enterprise : free;
    for (const tenant of [free, enterprise]) await plant(tenant, 400);
    await superuser.knex.raw("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''refused''; END'");
    await superuser.knex.raw(
      `CREATE TRIGGER refuse BEFORE DELETE ON deliveries FOR EACH ROW WHEN (OLD.org_id = '${failing.orgId}') EXECUTE FUNCTION refuse()`,
    );
    const old = async (tenant: TestTenant) =>
      (await tenant.rows<{ created_at: Date }>('deliveries', { status: 'delivered' })).filter((row) => row.created_at < daysAgo(399))
        .length;
    const failure = await run('one-fails').then(
      () => null,
      (error: unknown) => (error as WorkflowFailedError).cause?.message,
    );
    expect(failure).to.contain('Organizations that failed: 1.');
    expect([await old(failing), await old(other)]).to.deep.equal([1, 0]);
    await superuser.knex.raw('DROP FUNCTION refuse CASCADE');
    await run('made-up-for');
    expect([await old(failing), await old(other)]).to.deep.equal([0, 0]);
  });

  it('leaves the audit log alone, however old its entries are', async () => {
    const old = (await superuser.knex('pg_class').where('relname', 'like', 'audit_leaf_20%').count('* as n'))[0]!['n'];
    await run('audit');
    expect((await superuser.knex('pg_class').where('relname', 'like', 'audit_leaf_20%').count('* as n'))[0]!['n']).to.equal(old);
  });
});
