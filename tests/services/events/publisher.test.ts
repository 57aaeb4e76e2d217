import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../../server/clock.ts';
import { newId } from '../../../server/ids.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import type { AppError } from '../../../services/errors/AppError.ts';
import { EventPublisher } from '../../../services/events/publisher.ts';
import type { NewEvent } from '../../../services/events/newEvent.ts';
import type { IdempotencyClaim } from '../../../services/idempotency/claims.ts';
import { createKnex } from '../../../db/knex.ts';
import { withPipeline } from '../../../db/pipeline.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('EventPublisher', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const batches: number[] = [];
  const publisher = new EventPublisher({
    clock: systemClock,
    audit: { clock: systemClock, subjectKeys: createSubjectKeys(vault) },
    claims: { vault },
    inTenant: (orgId, work) => withPipeline(database.app, orgId, work),
    wake: () => undefined,
    observeBatch: (requests) => void batches.push(requests),
  });
  let tenant: TestTenant;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
  });

  const event = (data: object = {}): NewEvent => ({ type: 'lead.created', data, occurredAt: new Date(), workspaceId: null, channels: [] });
  const count = async (table: string): Promise<number> => (await tenant.rows(table)).length;

  it('writes the requests that arrive while one is being written with one commit, each answered by itself', async () => {
    batches.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_none, n) => publisher.publish({ actor: tenant.actor, events: [event({ n })], claim: null })),
    );
    expect(new Set(answers.map(([published]) => published?.id)).size).to.equal(40);
    expect(batches.length).to.be.lessThan(10);
    expect(batches.reduce((sum, requests) => sum + requests, 0)).to.equal(40);
    expect(await count('events')).to.equal(40);
  });

  it('keeps the order of arrival in the ids', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => publisher.publish({ actor: tenant.actor, events: [event()], claim: null })),
    );
    const ids = answers.map(([published]) => published?.id ?? '');
    expect(ids).to.deep.equal(ids.toSorted());
  });

  it('writes a large fan-out with several statements and one commit', async () => {
    for (let n = 0; n < 60; n += 1) await tenant.webhook({ name: `Endpoint ${n}` });
    const published = await publisher.publish({ actor: tenant.actor, events: Array.from({ length: 100 }, () => event()), claim: null });
    expect(published.every(({ deliveries }) => deliveries === 60)).to.equal(true);
    expect(await count('deliveries')).to.equal(6_000);
  });

  it('a request that cannot be written fails alone: its neighbours of the same batch are written', async () => {
    const lost: IdempotencyClaim = {
      orgId: tenant.orgId,
      credentialId: tenant.actor.id,
      route: 'events.publish',
      key: 'taken-over',
      holder: newId(),
      lockedUntil: new Date(),
      present: () => '{}',
      settled: false,
    };
    const answer = () => ({ status: 202, body: {} });
    const requests = [null, lost, null].map((claim) => publisher.publish({ actor: tenant.actor, events: [event()], claim, answer }));
    const results = await Promise.allSettled(requests);
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(((results[1] as PromiseRejectedResult).reason as AppError).code).to.equal('idempotency_in_flight');
    expect(await count('events')).to.equal(2);
  });

  it('refuses more than may wait, instead of growing', async () => {
    const big = event({ text: 'x'.repeat(200_000) });
    const results = await Promise.allSettled(
      Array.from({ length: 400 }, () => publisher.publish({ actor: tenant.actor, events: [big], claim: null }).then(() => 'written')),
    );
    const refused = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).to.be.within(1, 399);
    for (const { reason } of refused) expect((reason as AppError).code).to.equal('service_unavailable');
    expect(await count('events')).to.equal(400 - refused.length);
  });

  it('does not write a batch again when the connection is lost behind its COMMIT: no event is stored twice', async () => {
    const cut = await cuttingProxy(database.urls.app, 2);
    const knex = createKnex(cut.url, { max: 1, applicationName: 'test cut', statementTimeoutMs: 5_000 });
    const throughProxy = new EventPublisher({
      clock: systemClock,
      audit: { clock: systemClock, subjectKeys: createSubjectKeys(vault) },
      claims: { vault },
      inTenant: (orgId, work) => withPipeline(knex, orgId, work),
      wake: () => undefined,
    });
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, (_none, n) => throughProxy.publish({ actor: tenant.actor, events: [event({ n })], claim: null })),
    );
    await knex.destroy();
    cut.close();
    expect(answers.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    const stored = await tenant.rows<{ payload: string }>('events');
    expect(stored.map(({ payload }) => (JSON.parse(payload) as { data: { n: number } }).data.n)).to.deep.equal([0, 1, 2, 3, 4]);
  });
});

/** Passes a connection on to Postgres and cuts it once the server has the given COMMIT, before its answer. */
async function cuttingProxy(target: string, commit: number): Promise<{ url: string; close: () => void }> {
  const { hostname, port } = new URL(target);
  let commits = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let silent = false;
    client.on('data', (sent: Buffer) => {
      if (sent.includes('COMMIT') && (commits += 1) === commit) {
        silent = true;
        setTimeout(() => client.destroy(), 300);
      }
      server.write(sent);
    });
    server.on('data', (answer: Buffer) => void (silent || client.write(answer)));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('close', () => server.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.port = String((proxy.address() as AddressInfo).port);
  return { url: url.href, close: () => proxy.close() };
}
