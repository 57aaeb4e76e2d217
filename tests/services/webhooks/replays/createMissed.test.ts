import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { withTenant } from '../../../../db/tenancy.ts';
import { createSubjectKeys } from '../../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../../services/crypto/vault.ts';
import { runInTenant } from '../../../../services/runInTenant.ts';
import { replayNextBatch } from '../../../../services/webhooks/replays/batch.ts';
import { countReplay } from '../../../../services/webhooks/replays/countReplay.ts';
import type { ReplayFilter } from '../../../../services/webhooks/replays/countReplay.ts';
import { startReplay } from '../../../../services/webhooks/replays/start.ts';
import { useDatabase } from '../../../support/database.ts';
import { TestTenant } from '../../../support/tenant.ts';
import { TEST_SECRETS } from '../../../support/testConfig.ts';

const EVENTS = 100_000;
const MEGABYTE = 1024 * 1024;

describe('createMissed', function () {
  this.timeout(300_000);
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  let aheadMs = 0;
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  const filter: ReplayFilter = { missing: true, since: new Date(Date.now() - 86_400_000), until: null, eventTypes: null, statuses: [] };
  const deps = () => ({ knex: database.app, clock, vault, subjectKeys: createSubjectKeys(vault) });
  const within = <T>(tenant: TestTenant, work: Parameters<typeof runInTenant<T>>[2]): Promise<T> => runInTenant(deps(), tenant.actor, work);
  const start = async (tenant: TestTenant, id: string, perSecond: number) => {
    const counted = await countReplay(deps(), tenant.actor, id, filter);
    return within(tenant, (context) => startReplay(context, id, counted, perSecond));
  };
  /** Time goes on between batches; the next one may go. */
  const batch = (tenant: TestTenant, replayId: string) => {
    aheadMs += 60_000;
    return within(tenant, (context) => replayNextBatch(context, replayId));
  };
  beforeEach(() => (aheadMs = 0));

  /** Published one each millisecond, just before now. `data` is SQL over `n`. */
  const plant = (tenant: TestTenant, count: number, data: string) =>
    withTenant(database.app, tenant.orgId, (trx) =>
      trx.raw(
        `INSERT INTO events (org_id, id, type, occurred_at, payload)
         SELECT ?, (lpad(to_hex(floor(extract(epoch FROM now()) * 1000)::bigint - ? + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
                'lead.created', now(), json_build_object('type', 'lead.created', 'data', ${data})::text
           FROM generate_series(1, ?::int) AS n`,
        [tenant.orgId, count, count],
      ),
    );

  it(`${EVENTS.toLocaleString('en')} events, half of them wanted: each of these gets one delivery, and memory stays bounded`, async () => {
    const tenant = await TestTenant.create(database);
    const { id } = await tenant.webhook({ filter: { 'data.even': true } });
    await plant(tenant, EVENTS, "json_build_object('even', n % 2 = 0, 'text', repeat('x', 700))");
    const memory = watchMemory();
    const { replay } = await start(tenant, id, 1_000);
    let last = await batch(tenant, replay.id);
    while (last?.replay.status === 'running') last = await batch(tenant, replay.id);
    expect(last?.replay).to.include({ status: 'completed', replayed: EVENTS / 2 });
    expect(last?.replay.matching).to.be.within(1, EVENTS / 2);
    expect(memory.end()).to.be.lessThan(25 * MEGABYTE);
    const made = await withTenant(database.app, tenant.orgId, (trx) =>
      trx('deliveries').where({ replay: true, status: 'pending' }).count(),
    );
    expect(Number(made[0]?.['count'])).to.equal(EVENTS / 2);
  });

  it('a batch that dies before its commit is made again: nothing is lost, nothing doubled', async () => {
    const tenant = await TestTenant.create(database);
    await plant(tenant, 250, "json_build_object('n', n)");
    const { id } = await tenant.webhook({});
    const { replay } = await start(tenant, id, 50);
    let died = 0;
    for (let status = 'running'; status === 'running';) {
      aheadMs += 60_000;
      const attempt = within(tenant, async (context) => {
        await replayNextBatch(context, replay.id);
        throw new Error('the process dies here');
      });
      await attempt.catch(() => (died += 1));
      status = (await batch(tenant, replay.id))?.replay.status ?? 'lost';
    }
    expect(died).to.be.greaterThan(2);
    const deliveries = await tenant.rows<{ event_id: string }>('deliveries');
    expect(new Set(deliveries.map(({ event_id: event }) => event)).size).to.equal(250);
    expect(deliveries).to.have.length(250);
    expect((await tenant.rows('webhook_replays'))[0]).to.include({ status: 'completed', replayed: 250 });
  });

  it('waits until what was published just before it is surely there', async () => {
    const tenant = await TestTenant.create(database);
    const { id } = await tenant.webhook({});
    const { replay } = await start(tenant, id, 50);
    const early = await within(tenant, (context) => replayNextBatch(context, replay.id));
    expect(early?.replay).to.include({ status: 'running', replayed: 0 });
    expect(early?.replay.nextBatchAt.getTime()).to.equal(replay.until.getTime() + 2_000);
    expect((await batch(tenant, replay.id))?.replay).to.include({ status: 'completed' });
  });
});

/** The most that was reachable at a look each second, in bytes above the beginning. The collector runs before each, so that garbage does not count. */
function watchMemory(): { end: () => number } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const look = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = look();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, look())), 1_000);
  return {
    end: () => {
      clearInterval(timer);
      return most - before;
    },
  };
}
