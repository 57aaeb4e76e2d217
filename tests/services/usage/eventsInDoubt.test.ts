import { expect } from 'chai';
import { createKnex } from '../../../db/knex.ts';
import { recordEventUsage } from '../../../db/queries/recordEventUsage.ts';
import { createLogger } from '../../../server/logger.ts';
import { EventMeter } from '../../../services/usage/eventMeter.ts';
import { breakCommitsOf } from '../../support/commitBreaker.ts';
import type { CommitBreaker, Fate } from '../../support/commitBreaker.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';

describe('events of a month: a connection that breaks in the moment of the commit', () => {
  const database = useDatabase();
  let breaker: CommitBreaker;
  before(async () => {
    breaker = await breakCommitsOf(database.urls.app);
  });
  after(() => breaker.close());

  /** Three writes of one, two and four events, of which the second breaks off: what is on record after each, and whether an eighth event is allowed. */
  async function countThrough(fate: Fate): Promise<{ recorded: number[]; allowed: boolean }> {
    const { orgId } = await createOrganization(database, { plan: 'free' });
    const limited = { limit_overrides: { events_per_month: 7 } };
    await database.system('organizations').where({ id: orgId }).update(limited);
    const knex = createKnex(breaker.url, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    const meter = new EventMeter({
      clock: { now: () => new Date('2026-11-21T12:00:00Z') },
      logger: createLogger('silent', 'test'),
      everyMs: 3_600_000,
      record: (counts) => recordEventUsage(knex, counts),
    });
    const recorded: number[] = [];
    const publish = async (events: number): Promise<void> => {
      meter.take(orgId, events);
      await meter.flush();
      const [row] = await database.system('event_usage').where({ org_id: orgId }).pluck<string[]>('events');
      recorded.push(Number(row ?? 0));
    };
    try {
      await publish(1);
      breaker.breakNext(fate);
      await publish(2);
      await publish(4);
      return { recorded, allowed: isAllowed(() => meter.take(orgId, 1)) };
    } finally {
      await knex.destroy();
    }
  }

  it('committed, though nobody said so: they are not counted again', async () => {
    expect(await countThrough('committed')).to.deep.equal({ recorded: [1, 3, 7], allowed: false });
  });

  it('not committed: they are counted with the next write', async () => {
    expect(await countThrough('lost')).to.deep.equal({ recorded: [1, 1, 7], allowed: false });
  });
});

function isAllowed(take: () => void): boolean {
  try {
    take();
    return true;
  } catch {
    return false;
  }
}
