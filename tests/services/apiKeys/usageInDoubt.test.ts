import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { createKnex } from '../../../db/knex.ts';
import { recordKeyUsage } from '../../../db/queries/recordKeyUsage.ts';
import { createLogger } from '../../../server/logger.ts';
import { UsageCounter } from '../../../services/apiKeys/usage/counter.ts';
import { breakCommitsOf } from '../../support/commitBreaker.ts';
import type { CommitBreaker, Fate } from '../../support/commitBreaker.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';

describe('usage of API keys: a connection that breaks in the moment of the commit', () => {
  const database = useDatabase();
  let breaker: CommitBreaker;
  before(async () => {
    breaker = await breakCommitsOf(database.urls.app);
  });
  after(() => breaker.close());

  /** Three writes of one count each, of which the second breaks off: what is on record after each. */
  async function countThrough(fate: Fate): Promise<number[]> {
    const own = await createOrganization(database);
    const { id } = await createApiKey(database, own);
    const knex = createKnex(breaker.url, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    const counter = new UsageCounter({
      write: (counts, times) => recordKeyUsage(knex, counts, times),
      everySeconds: 3_600,
      logger: createLogger('silent', 'test'),
      dropped: new Counter({ name: 'dropped', help: 'dropped', registers: [new Registry()] }),
    });
    const at = new Date('2026-11-02T09:30:00Z');
    const count = () =>
      counter.count({ orgId: own.orgId, keyId: id, operation: 'events.list', status: 200, at, accepted: true, ip: '192.0.2.1' });
    const recorded: number[] = [];
    const flush = async () => {
      await counter.flush();
      const [requests = 0] = await database.system('api_key_usage').where({ key_id: id }).pluck<number[]>('requests');
      recorded.push(requests);
    };
    try {
      count();
      await flush();
      breaker.breakNext(fate);
      count();
      await flush();
      count();
      await flush();
    } finally {
      await knex.destroy();
    }
    return recorded;
  }

  it('committed, though nobody said so: it is not counted again', async () => {
    expect(await countThrough('committed')).to.deep.equal([1, 2, 3]);
  });

  it('not committed: it is counted with the next write', async () => {
    expect(await countThrough('lost')).to.deep.equal([1, 1, 3]);
  });
});
