import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { TenantContext } from '../../services/context.ts';
import { erasePayloads } from '../../services/events/erasePayloads.ts';
import { changeInTenant, runInTenant } from '../../services/runInTenant.ts';
import { deleteWebhook } from '../../services/webhooks/delete.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { pauseWebhook } from '../../services/webhooks/pause.ts';
import { resumeWebhook } from '../../services/webhooks/resume.ts';
import { updateWebhook } from '../../services/webhooks/update.ts';
import { useDatabase } from '../support/database.ts';
import { moveToExpress, wakePromised } from '../support/expressLane.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Received, Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

/** Longer than what a worker would claim for the in-flight cap takes to go out. */
const WATCH_MS = 4_000;
/** What was on its way when the answer came, and the announcement. */
const TOLD_MS = 500;
/** Without the announcement: a second since the endpoint was read, one since the claim, and the network. */
const UNTOLD_MS = 2_500;

interface DeliveryRow {
  status: string;
  last_error_code: string | null;
  claimed_until: Date | null;
}

describe('a change of an endpoint whose deliveries are under way', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database);
  let tenant: TestTenant;
  let receiver: Receiver;

  beforeEach(async () => {
    [tenant, receiver] = await Promise.all([TestTenant.create(database), startReceiver()]);
  });
  afterEach(() => receiver.close());

  const run = <T>(work: (context: TenantContext) => Promise<T>): Promise<T> => runInTenant(worker.deps, tenant.actor, work);
  const move = (id: string): Promise<unknown> =>
    changeInTenant(worker.deps, tenant.actor, (context) => updateWebhook(context, id, { url: `${receiver.url}/new` }));
  const rows = (status: string) => tenant.rows<DeliveryRow>('deliveries', { status });
  const answerAfter = (ms: number) => receiver.behave(() => (response) => void setTimeout(() => response.writeHead(200).end(), ms));
  const paced = () => tenant.webhook({ url: `${receiver.url}/old`, rateLimitPerSecond: 4 });

  const numberOf = ({ body }: Received): number => (JSON.parse(body) as { data: { n: number } }).data.n;

  /** An endpoint with 30 events, of which the first two have arrived. */
  async function underWay(endpointId: string): Promise<string[]> {
    const events = await tenant.publish(...Array.from({ length: 30 }, (_none, n) => ({ data: { n } })));
    await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
    await receiver.waitFor(2, { path: '/old' });
    return events.map(({ id }) => id);
  }

  /** Makes the change; the requests to the old address that came more than so long after its answer. */
  async function after(change: () => Promise<unknown>, graceMs = TOLD_MS): Promise<Received[]> {
    await change();
    const answeredAt = Date.now();
    await sleep(WATCH_MS);
    return receiver.received.filter(({ path, at }) => path === '/old' && at > answeredAt + graceMs);
  }

  it('pause: nothing more is sent, nothing stays claimed, and resume goes on where it was', async () => {
    const { id } = await paced();
    await underWay(id);
    expect(await after(() => run((context) => pauseWebhook(context, id)))).to.deep.equal([]);
    expect(await rows('in_flight')).to.deep.equal([]);
    expect((await rows('pending')).length).to.be.within(24, 28);
    const { wakes } = await run((context) => resumeWebhook(context, id));
    for (const wake of wakes) await wakeEndpoint(worker.deps.temporal, wake);
    const received = await receiver.waitFor(8, { path: '/old' });
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).to.equal(received.length);
  });

  it('pause while its last requests hang, and resume: it does not wait for them', async () => {
    const { id } = await tenant.webhook({ url: `${receiver.url}/old`, rateLimitPerSecond: 10, timeoutSeconds: 30 });
    receiver.behave((_request, nth) => (nth <= 2 ? (response) => void setTimeout(() => response.writeHead(200).end(), 25_000) : 200));
    await underWay(id);
    await run((context) => pauseWebhook(context, id));
    await sleep(500);
    const { wakes } = await run((context) => resumeWebhook(context, id));
    for (const wake of wakes) await wakeEndpoint(worker.deps.temporal, wake);
    await receiver.waitFor(30, { path: '/old', timeoutMs: 15_000 });
  });

  it('delete: nothing more is sent, and what was claimed is cancelled', async () => {
    const { id } = await paced();
    await underWay(id);
    expect(await after(() => run((context) => deleteWebhook(context, id)))).to.deep.equal([]);
    expect((await rows('cancelled')).length).to.be.within(24, 28);
  });

  it('a new URL: nothing more is sent to the old one, also when the receiver is slow, and the rest goes to the new one', async () => {
    const { id } = await tenant.webhook({ url: `${receiver.url}/old`, maxInFlight: 3 });
    answerAfter(1_500);
    await underWay(id);
    expect(await after(() => move(id))).to.deep.equal([]);
    answerAfter(0);
    const moved = await receiver.waitFor(15, { path: '/new' });
    expect(moved[0]!.at).to.be.below(moved[14]!.at);
  });

  it('erasure: no payload of an erased event is sent, those of others are', async () => {
    const { id } = await paced();
    const events = await underWay(id);
    const sent = new Set(receiver.received.map(numberOf));
    const gone = new Set([...events.keys()].filter((n) => !sent.has(n)).slice(0, 12));
    const ids = events.filter((_id, n) => gone.has(n));
    const late = await after(() => run(({ trx }) => erasePayloads(trx, tenant.orgId, ids)));
    expect(late.filter((request) => gone.has(numberOf(request)))).to.deep.equal([]);
    expect(late.length, 'the others').to.be.at.least(4);
    const cancelled = await rows('cancelled');
    expect(cancelled.length, 'all but what was on its way').to.be.within(11, 12);
    for (const row of cancelled) expect(row).to.include({ last_error_code: 'payload_erased', claimed_until: null });
  });

  it('that nobody announced is seen by itself, before what was claimed a second ago is sent', async () => {
    const { id } = await tenant.webhook({ url: `${receiver.url}/old`, maxInFlight: 4 });
    answerAfter(3_000);
    await underWay(id);
    const pause = () => tenant.update('webhook_endpoints', { id }, () => ({ status: 'paused' }));
    expect(await after(pause, UNTOLD_MS)).to.deep.equal([]);
    expect(await rows('in_flight')).to.deep.equal([]);
  });

  it('costs nothing where deliveries do not wait: they are looked at once, when they are claimed', async () => {
    const looks: string[] = [];
    worker.deps.knex.on('query', ({ sql }: { sql: string }) => void (sql.includes('payload_erased AS erased') && looks.push(sql)));
    const { id } = await tenant.webhook({ url: `${receiver.url}/old` });
    await tenant.publish(...Array.from({ length: 500 }, () => ({})));
    const startedAt = performance.now();
    await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId: id });
    await receiver.waitFor(500);
    // None at all, unless the machine takes so long that they do wait for a second.
    expect(looks.length).to.be.at.most(Math.floor((performance.now() - startedAt) / 1_000));
  });

  for (const [what, change, graceMs] of [
    ['is paused', (id: string) => run((context) => pauseWebhook(context, id)), TOLD_MS],
    ['has a new URL', move, TOLD_MS],
    ['is deleted', (id: string) => run((context) => deleteWebhook(context, id)), TOLD_MS],
    ['is paused and nobody says so', (id: string) => tenant.update('webhook_endpoints', { id }, () => ({ status: 'paused' })), UNTOLD_MS],
  ] as const) {
    it(`in the express lane: one that ${what} gets nothing more that waits`, async () => {
      const { id } = await tenant.webhook({ url: `${receiver.url}/old`, maxInFlight: 1 });
      await moveToExpress(tenant, [id]);
      answerAfter(500);
      await tenant.publish(...Array.from({ length: 12 }, () => ({})));
      await wakePromised(worker.deps.temporal, tenant);
      await receiver.waitFor(2, { path: '/old' });
      expect(await after(() => change(id), graceMs)).to.deep.equal([]);
      const kept = async (): Promise<number> => (await rows('pending')).length + (await rows('cancelled')).length;
      while ((await kept()) + receiver.received.length !== 12) await sleep(50);
    });
  }
});
