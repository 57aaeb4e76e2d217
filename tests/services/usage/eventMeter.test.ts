import { expect } from 'chai';
import { recordEventUsage } from '../../../db/queries/recordEventUsage.ts';
import type { EventCount } from '../../../db/queries/recordEventUsage.ts';
import { newId } from '../../../server/ids.ts';
import { createLogger } from '../../../server/logger.ts';
import type { AppError } from '../../../services/errors/AppError.ts';
import { EventMeter } from '../../../services/usage/eventMeter.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';

describe('events of a month', () => {
  const database = useDatabase();
  let now = new Date('2026-11-21T12:00:00Z');
  beforeEach(() => (now = new Date('2026-11-21T12:00:00Z')));
  const statements: EventCount[][] = [];
  const meter = (fail: () => boolean = () => false): EventMeter =>
    new EventMeter({
      clock: { now: () => now },
      logger: createLogger('silent', 'test'),
      everyMs: 3_600_000,
      record: async (counts) => {
        if (fail()) throw new Error('away');
        statements.push(counts);
        return recordEventUsage(database.app, counts);
      },
    });
  const organization = async (limit: number | null) => {
    const { orgId } = await createOrganization(database, { plan: 'free' });
    await agree(orgId, limit);
    return orgId;
  };
  const agree = (orgId: string, limit: number | null) =>
    database
      .system('organizations')
      .where({ id: orgId })
      .update({ limit_overrides: { events_per_month: limit } });
  const onRecord = async (orgId: string, month = '2026-11-01'): Promise<number> =>
    Number(
      (await database.system('event_usage').where({ org_id: orgId, month }).first<{ events: string } | undefined>('events'))?.events ?? 0,
    );
  const refusal = (work: () => void): AppError | null => {
    try {
      work();
      return null;
    } catch (error) {
      return error as AppError;
    }
  };

  it('adds up what several processes count, all organizations with one statement', async () => {
    const [a, b] = [await organization(null), await organization(null)];
    const [one, other] = [meter(), meter()];
    for (const each of [one, other]) each.take(a, 3);
    one.take(b, 1_000);
    statements.length = 0;
    await one.flush();
    await other.flush();
    expect(statements.map((counts) => counts.length)).to.deep.equal([2, 1]);
    expect([await onRecord(a), await onRecord(b)]).to.deep.equal([6, 1_000]);
    await one.flush();
    expect(statements).to.have.length(2);
  });

  it('refuses what goes beyond the limit, whole batches too, and says so to programs', async () => {
    const orgId = await organization(10);
    const process = meter();
    process.take(orgId, 7);
    await process.flush();
    const error = refusal(() => process.take(orgId, 4));
    expect(error).to.include({ code: 'plan_limit_reached' });
    expect(error!.extensions).to.deep.equal({
      limit: { name: 'events_per_month', limit: 10, used: 7, plan: 'free', upgrade_to: 'starter' },
    });
    process.take(orgId, 3);
    expect(refusal(() => process.take(orgId, 1))).to.include({ code: 'plan_limit_reached' });
    await process.flush();
    expect(await onRecord(orgId)).to.equal(10);
  });

  it('what was not published does not count', async () => {
    const orgId = await organization(5);
    const process = meter();
    process.take(orgId, 5);
    await process.flush();
    const other = await organization(5);
    process.take(other, 4);
    process.giveBack(other, 4);
    await process.flush();
    process.take(other, 5);
    expect(await onRecord(other)).to.equal(0);
  });

  it('learns of a higher limit while it refuses, and begins anew with the month', async () => {
    const orgId = await organization(2);
    const process = meter();
    process.take(orgId, 2);
    await process.flush();
    expect(refusal(() => process.take(orgId, 1))).not.to.equal(null);
    await agree(orgId, 3);
    await process.flush();
    process.take(orgId, 1);
    await process.flush();
    expect(refusal(() => process.take(orgId, 1))).not.to.equal(null);
    now = new Date('2026-12-01T00:00:00Z');
    process.take(orgId, 3);
    await process.flush();
    expect([await onRecord(orgId), await onRecord(orgId, '2026-12-01')]).to.deep.equal([3, 3]);
  });

  it('keeps its counts while the database is away, and drops those of an organization that is gone', async () => {
    const orgId = await organization(null);
    let away = true;
    const process = meter(() => away);
    process.take(orgId, 2);
    process.take(newId(), 5);
    await process.flush();
    process.take(orgId, 1);
    away = false;
    await process.flush();
    expect(await onRecord(orgId)).to.equal(3);
    const sent = statements.length;
    await process.flush();
    expect(statements).to.have.length(sent);
  });

  it('costs publishing next to nothing', async () => {
    const orgId = await organization(null);
    const process = meter();
    process.take(orgId, 1);
    await process.flush();
    const started = performance.now();
    for (let n = 0; n < 100_000; n += 1) process.take(orgId, 1);
    const nanoseconds = ((performance.now() - started) / 100_000) * 1e6;
    console.log(`      ${nanoseconds.toFixed(0)} ns a request`);
    expect(nanoseconds).to.be.below(50_000);
  });
});
