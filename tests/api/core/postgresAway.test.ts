import { expect } from 'chai';
import { newApiKey } from '../../../services/apiKeys/format.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';

describe('core: Postgres away', () => {
  const database = useDatabase();
  const app = useApp(database, { config: { DATABASE_URL: 'postgres://artisan_app:x@127.0.0.1:1/artisan' } });

  it('503 with Retry-After, never 401: a key that cannot be checked is not a wrong key', async () => {
    const { status, headers, json, text } = await app.request('GET', '/api/v1/events', { key: newApiKey('live').key });
    expect([status, json.code]).to.deep.equal([503, 'service_unavailable']);
    expect(Number(headers.get('retry-after'))).to.be.within(1, 5);
    expect(text, 'addresses and passwords stay in the log').not.to.match(/127\.0\.0\.1|ECONNREFUSED|artisan_app/);
  });

  it('liveness stays 200 and readiness says which service is missing', async () => {
    expect((await app.request('GET', '/api/v1/health/liveness')).status).to.equal(200);
    const { status, json } = await app.request('GET', '/health/ready');
    expect([status, json.checks.postgres.state]).to.deep.equal([503, 'down']);
  });
});
