import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import type { TestApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';

for (const store of ['memory', 'postgres'] as const) {
  describe(`auth: rate limit, counted in ${store}`, () => {
    const database = useDatabase();
    const app = useApp(database, { routes: probeRoutes, config: { RATE_LIMIT_STORE: store } });

    it('tells what is left, then answers 429 with the time to wait', async () => {
      const own = await createOrganization(database);
      const { key } = await createApiKey(database, own, { rateLimitPerHour: 3 });
      const left: (string | null)[] = [];
      for (let i = 0; i < 3; i += 1) {
        const { status, headers } = await app.request('GET', ECHOES, { key });
        expect([status, headers.get('ratelimit-policy')]).to.deep.equal([200, '"key";q=3;w=3600']);
        left.push(headers.get('ratelimit')!.replace(/t=\d+/, 't'));
      }
      expect(left).to.deep.equal(['"key";r=2;t', '"key";r=1;t', '"key";r=0;t']);
      const refused = await app.request('GET', ECHOES, { key });
      expect([refused.status, refused.json.code]).to.deep.equal([429, 'rate_limited']);
      const resets = Number(/t=(\d+)/.exec(refused.headers.get('ratelimit')!)![1]);
      expect(Number(refused.headers.get('retry-after')))
        .to.be.at.least(resets)
        .and.at.most(3_600);
      expect(refused.json.detail).to.contain('3 requests an hour');
    });

    it('a key without a number of its own follows the plan; 0 is no limit; keys do not share a count', async () => {
      const free = await createOrganization(database, { plan: 'free' });
      const plan = await createApiKey(database, free, { rateLimitPerHour: null });
      const answer = await app.request('GET', ECHOES, { key: plan.key });
      expect(answer.headers.get('ratelimit')).to.match(/^"key";r=999;t=\d+$/);
      const second = await createApiKey(database, free, { rateLimitPerHour: null });
      expect((await app.request('GET', ECHOES, { key: second.key })).headers.get('ratelimit')).to.contain('r=999');
      expect((await app.request('GET', ECHOES, { key: free.key })).headers.get('ratelimit')).to.equal(null);
    });

    it('requests that are refused for lack of a permission count too', async () => {
      const own = await createOrganization(database);
      const { key } = await createApiKey(database, own, { scopes: [], rateLimitPerHour: 1 });
      expect((await app.request('GET', ECHOES, { key })).status).to.equal(403);
      expect((await app.request('GET', ECHOES, { key })).status).to.equal(429);
    });

    if (store === 'postgres') whenTheStoreFails(app, database);
  });
}

function whenTheStoreFails(app: TestApp, database: ReturnType<typeof useDatabase>): void {
  it('counts in its own memory while the table cannot be reached', async () => {
    const own = await createOrganization(database);
    const { key } = await createApiKey(database, own, { rateLimitPerHour: 2 });
    await asOwner(database, 'ALTER TABLE rate_limits RENAME TO rate_limits_away');
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 3; i += 1) statuses.push((await app.request('GET', ECHOES, { key })).status);
      expect(statuses).to.deep.equal([200, 200, 429]);
    } finally {
      await asOwner(database, 'ALTER TABLE rate_limits_away RENAME TO rate_limits');
    }
  });
}

async function asOwner(database: ReturnType<typeof useDatabase>, sql: string): Promise<void> {
  const { createKnex } = await import('../../../db/knex.ts');
  const owner = createKnex(database.urls.owner, { max: 1, applicationName: 'test-owner', statementTimeoutMs: 5_000 });
  try {
    await owner.raw(sql);
  } finally {
    await owner.destroy();
  }
}
