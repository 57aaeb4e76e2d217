import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { recordKeyUsage } from '../../../db/queries/recordKeyUsage.ts';
import { closeDeps, createDeps } from '../../../server/deps.ts';
import { createLogger } from '../../../server/logger.ts';
import { UsageCounter } from '../../../services/apiKeys/usage/counter.ts';
import type { UsageCount, UsageTimes } from '../../../services/apiKeys/usage/counter.ts';
import { forgetOldUsage } from '../../../services/apiKeys/usage/forget.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { testConfig } from '../../support/testConfig.ts';

const at = (time: string): Date => new Date(`2026-11-02T${time}Z`);
const request = { orgId: 'o', keyId: 'k', operation: 'events.list', status: 200, at: at('09:30:00'), accepted: true, ip: '192.0.2.1' };

function counterWith(write: (counts: UsageCount[], times: UsageTimes[]) => Promise<void>) {
  const dropped = new Counter({ name: 'dropped', help: 'dropped', registers: [new Registry()] });
  return { counter: new UsageCounter({ write, everySeconds: 3_600, logger: createLogger('silent', 'test'), dropped }), dropped };
}

describe('usage of API keys: counting', () => {
  const database = useDatabase();

  it('what could not be written is added to what comes next, and nothing twice', async () => {
    const written: UsageCount[][] = [];
    let away = true;
    const { counter } = counterWith(async (counts) => {
      if (away) throw new Error('Postgres is away');
      written.push(structuredClone(counts));
    });
    counter.count(request);
    await counter.flush();
    counter.count(request);
    away = false;
    await counter.flush();
    await counter.flush();
    expect(written.map((counts) => counts.map(({ requests }) => requests))).to.deep.equal([[2]]);
  });

  it('requests that come while it writes are in the next write; writes never overlap', async () => {
    const sums: number[] = [];
    let writing = 0;
    const { counter } = counterWith(async (counts) => {
      writing += 1;
      expect(writing).to.equal(1);
      sums.push(counts.reduce((sum, { requests }) => sum + requests, 0));
      if (sums.length < 4) counter.count(request);
      await new Promise((resolve) => setTimeout(resolve, 1));
      writing -= 1;
    });
    counter.count(request);
    await Promise.all([counter.flush(), counter.flush(), counter.flush(), counter.flush()]);
    expect(sums).to.deep.equal([1, 1, 1, 1]);
  });

  it('memory is bounded: what finds no place is dropped and counted as such', async () => {
    const { counter, dropped } = counterWith(() => Promise.reject(new Error('away')));
    for (let i = 0; i < 50_010; i += 1) counter.count({ ...request, keyId: `k${i}` });
    counter.count({ ...request, keyId: 'k1' });
    expect((await dropped.get()).values[0]?.value).to.equal(10);
  });

  it('processes that write at the same time add up, and the time of use only moves forward', async () => {
    const own = await createOrganization(database);
    const keys = await Promise.all(Array.from({ length: 5 }, () => createApiKey(database, own)));
    const ids = keys.map(({ id }) => id);
    const write = (ordered: string[], time: string, ip: string) =>
      recordKeyUsage(
        database.app,
        ordered.map((key_id) => ({ org_id: own.orgId, key_id, day: '2026-11-02', operation: 'events.list', status_class: 2, requests: 3 })),
        ordered.map((key_id) => ({ org_id: own.orgId, key_id, first_at: at(time), last_at: at(time), ip })),
      );
    await write(ids, '10:00:00', 'late');
    // In opposite orders: a dead lock would reject one of them.
    await Promise.all(Array.from({ length: 20 }, (_, round) => write(round % 2 === 0 ? ids : ids.toReversed(), '09:00:00', 'early')));
    const rows = await database.system('api_keys').whereIn('id', ids).select('first_used_at', 'last_used_at', 'last_used_ip');
    for (const row of rows)
      expect(row).to.deep.equal({ first_used_at: at('09:00:00'), last_used_at: at('10:00:00'), last_used_ip: 'late' });
    const counts = await database.system('api_key_usage').whereIn('key_id', ids).pluck('requests');
    expect(counts).to.deep.equal(Array(5).fill(63));
  });

  it('a process that stops in good order writes what it has counted', async () => {
    const own = await createOrganization(database);
    const { id } = await createApiKey(database, own);
    const deps = createDeps(testConfig(database, { USAGE_FLUSH_SECONDS: '3600' }));
    deps.keyUsage.count({ ...request, orgId: own.orgId, keyId: id });
    await closeDeps(deps);
    expect(await database.system('api_key_usage').where({ key_id: id }).pluck('requests')).to.deep.equal([1]);
  });

  it('only additions to keys that exist: another organization’s id beside a key counts nowhere', async () => {
    const [own, other] = [await createOrganization(database), await createOrganization(database)];
    const { id } = await createApiKey(database, own);
    await recordKeyUsage(
      database.app,
      [{ org_id: other.orgId, key_id: id, day: '2026-11-02', operation: 'x', status_class: 2, requests: 1 }],
      [],
    );
    expect(await database.system('api_key_usage').where({ key_id: id })).to.deep.equal([]);
  });

  it('is forgotten after 400 days', async () => {
    const own = await createOrganization(database);
    const { id } = await createApiKey(database, own);
    const days = ['2025-09-27', '2025-09-28', '2026-11-02'];
    const rows = days.map((day) => ({ org_id: own.orgId, key_id: id, day, operation: 'x', status_class: 2, requests: 1 }));
    await database.system('api_key_usage').insert(rows);
    const now = new Date('2026-11-02T23:59:59Z');
    const forget = () => database.system.transaction((trx) => forgetOldUsage(trx, { now, limit: 100 }));
    expect([await forget(), await forget()]).to.deep.equal([1, 0]);
    expect(await database.system('api_key_usage').where({ key_id: id }).count('* as kept')).to.deep.equal([{ kept: 2 }]);
  });
});
