import { expect } from 'chai';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { useApp } from '../../support/app.ts';
import type { TestApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { useWorker } from '../../support/worker.ts';

const NO_TEMPORAL = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

describe('health: all services up', () => {
  const database = useDatabase();
  const app = useApp(database);
  useWorker(database);

  it('readiness is 200 once a worker polls, at every address', async function () {
    this.timeout(15_000);
    const deadline = Date.now() + 10_000;
    let answer = await app.request('GET', '/health/ready');
    while (answer.status !== 200 && Date.now() < deadline) answer = await app.request('GET', '/health/ready');
    expect(answer.json.checks).to.deep.include({ postgres: { ...answer.json.checks.postgres, state: 'up', detail: null } });
    for (const path of ['/health/ready', '/api/v1/health/readiness', '/api/health/readiness']) {
      const { status, json } = await app.request('GET', path);
      expect([status, json.ready], path).to.deep.equal([200, true]);
      for (const name of ['postgres', 'temporal', 'worker']) expect(json.checks[name]).to.include({ state: 'up', detail: null });
    }
    expect((await app.request('GET', '/health')).json).to.include({ status: 'ok' });
  });

  it('detailed health needs the permission system.health and describes machine, process and services', async () => {
    const own = await createOrganization(database);
    const weak = await createApiKey(database, own, { scopes: ['webhook.read'] });
    expect((await app.request('GET', '/api/v1/health/detailed')).status).to.equal(401);
    expect((await app.request('GET', '/api/v1/health/detailed', { key: weak.key })).status).to.equal(403);
    const { status, json } = await app.request('GET', '/api/v1/health/detailed', { key: own.key });
    expect(status).to.equal(200);
    expect(json.cpu.cores).to.be.at.least(1);
    expect(json.memory.process_rss_bytes).to.be.greaterThan(1_000_000);
    expect(json.disk.total_bytes).to.be.greaterThan(json.disk.free_bytes);
    expect(json.checks.postgres.latency_ms).to.be.at.least(0);
  });

  it('/metrics counts requests by operation and status class, and names no tenant', async () => {
    const own = await createOrganization(database);
    await app.request('GET', '/api/v1/health/detailed', { key: own.key });
    const { status, text } = await app.request('GET', '/metrics');
    expect(status).to.equal(200);
    expect(text).to.match(/artisan_http_request_duration_seconds_count\{operation="health.detailed",status="2xx"\} \d+/);
    expect(text).to.contain('process_resident_memory_bytes').and.to.contain('artisan_publish_batch_requests');
    expect(text).not.to.match(/\b(org|key|usr|wsp|whk)_[0-9a-z]{26}|tenant/);
  });
});

describe('health: Temporal away', () => {
  const database = useDatabase();
  const app = useApp(database, { config: NO_TEMPORAL });

  it('503: readiness names what is missing and what is not; the process lives and publishes', async () => {
    const ready = await app.request('GET', '/health/ready');
    expect([ready.status, ready.json.ready]).to.deep.equal([503, false]);
    expect(ready.json.checks.postgres.state).to.equal('up');
    expect(ready.json.checks.temporal).to.include({ state: 'down' });
    expect(ready.json.checks.worker).to.include({ state: 'down' });
    expect((await app.request('GET', '/api/v1/health/liveness')).json).to.deep.equal({ alive: true });
    expect((await app.request('GET', '/health')).json).to.include({ status: 'degraded' });
    const own = await createOrganization(database);
    const event = { type: 'lead.created', data: { name: 'Ada' } };
    expect((await app.request('POST', '/api/v1/events', { key: own.key, body: event })).status).to.equal(202);
  });
});

describe('health: a Postgres that accepts and never answers', () => {
  const database = useDatabase();
  const silent = useSilentServer();
  const app = useApp(database, {
    config: NO_TEMPORAL,
    change: ({ config }) => ({ serviceStates: silent.statesOf(config.TEMPORAL_NAMESPACE) }),
  });

  it('each check has its own deadline, so the answer comes in time and says so', async () => {
    const started = performance.now();
    const { status, json } = await app.request('GET', '/health/ready');
    expect(performance.now() - started).to.be.lessThan(2_500);
    expect(status).to.equal(503);
    expect(json.checks.postgres).to.include({ state: 'down' });
    expect(json.checks.postgres.detail).to.match(/no answer within 1500 ms|not reachable/);
  });
});

describe('/metrics with a token', () => {
  const database = useDatabase();
  const app: TestApp = useApp(database, { config: { METRICS_TOKEN: 'metrics-secret' } });

  it('is open to who holds it, and to nobody else', async () => {
    const ask = async (headers: Record<string, string>) => (await app.request('GET', '/metrics', { headers })).status;
    expect(await ask({ authorization: 'Bearer metrics-secret' })).to.equal(200);
    expect(await ask({})).to.equal(401);
    expect(await ask({ authorization: 'Bearer other' })).to.equal(401);
  });
});

describe('/metrics without a token', () => {
  const database = useDatabase();
  const app: TestApp = useApp(database);

  it('is hidden from who comes through a proxy', async () => {
    expect((await app.request('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).to.equal(404);
  });
});

/** Accepts connections and says nothing; `statesOf` asks it as if it were Postgres. */
function useSilentServer() {
  let server: Server;
  let close: (() => Promise<unknown>) | undefined;
  before(async () => {
    const sockets = new Set<{ destroy(): void }>();
    server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    };
  });
  after(() => close?.());
  return {
    statesOf: (namespace: string) => async () => {
      const { createKnex } = await import('../../../db/knex.ts');
      const { createServiceStates } = await import('../../../services/health/services.ts');
      const { Client, Connection } = await import('@temporalio/client');
      const { port } = server.address() as AddressInfo;
      const knex = createKnex(`postgres://x:x@127.0.0.1:${port}/x`, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
      const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
      try {
        return await createServiceStates({ knex, temporal: new Client({ connection, namespace }), now: Date.now })();
      } finally {
        await connection.close();
        void knex.destroy();
      }
    },
  };
}
