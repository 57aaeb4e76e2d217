import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { typeId } from '../../server/ids.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { NewWebhook } from '../../services/webhooks/create.ts';
import { changeReplay } from '../../services/webhooks/replays/change.ts';
import { countReplay } from '../../services/webhooks/replays/countReplay.ts';
import type { ReplayFilter } from '../../services/webhooks/replays/countReplay.ts';
import { keepReplay } from '../../services/webhooks/replays/keep.ts';
import { startReplay } from '../../services/webhooks/replays/start.ts';
import { useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Received, Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface ReplayRow {
  status: string;
  replayed: number;
}

describe('webhookReplay of what is missing', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  before(async () => (receiver = await startReceiver()));
  beforeEach(async () => (tenant = await TestTenant.create(database)));
  after(() => receiver.close());

  const endpoint = (path: string, settings: Partial<NewWebhook> = {}) =>
    tenant.webhook({ url: `${receiver.url}${path}`, eventTypes: ['lead.created'], ...settings });
  const publish = (count: number) => tenant.publish(...Array.from({ length: count }, (_none, n) => ({ data: { n } })));
  const start = async (endpointId: string, perSecond: number): Promise<string> => {
    const filter: ReplayFilter = { missing: true, since: new Date(Date.now() - 60_000), until: null, eventTypes: null, statuses: [] };
    const counted = await countReplay(worker.deps, tenant.actor, endpointId, filter);
    const { promise } = await runInTenant(worker.deps, tenant.actor, (context) => startReplay(context, endpointId, counted, perSecond));
    await keepReplay(worker.deps, promise);
    return promise.replayId;
  };
  const change = async (endpointId: string, replayId: string, to: 'pause' | 'resume' | 'cancel') => {
    const { promises } = await runInTenant(worker.deps, tenant.actor, (context) => changeReplay(context, endpointId, replayId, to));
    for (const each of promises) await keepReplay(worker.deps, each);
  };
  const row = async (id: string): Promise<ReplayRow> => (await tenant.rows<ReplayRow>('webhook_replays', { id }))[0]!;
  const reaches = async (id: string, status: string): Promise<ReplayRow> => {
    for (const giveUpAt = Date.now() + 15_000; Date.now() < giveUpAt; await sleep(50)) {
      const current = await row(id);
      if (current.status === status) return current;
    }
    throw new Error(`not ${status} within 15 s`);
  };
  const numberOf = ({ body }: Received): number => (JSON.parse(body) as { data: { n: number } }).data.n;

  it('sends each missed event once, the oldest first and paced, as itself: same webhook-id, webhook-replay: 1, a genuine signature', async () => {
    const published = await publish(6);
    const { id, secret } = await endpoint('/paced');
    const startedAt = Date.now();
    const replayId = await start(id, 4);
    const received = await receiver.waitFor(6, { path: '/paced', timeoutMs: 15_000 });
    expect(await reaches(replayId, 'completed')).to.include({ replayed: 6 });
    expect(received[5]!.at - startedAt).to.be.within(1_240, 10_000);
    expect(received.map(numberOf)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(received.map(({ headers }) => headers['webhook-id'])).to.deep.equal(published.map((event) => typeId('evt', event.id)));
    for (const { headers, body } of received) {
      expect(headers).to.include({ 'webhook-replay': '1' });
      expect(new Webhook(secret).verify(body, headers)).to.have.property('type', 'lead.created');
    }
    const entries = await tenant.rows<{ target_id: string }>('audit_view', { action: 'webhooks.replays.completed' }, 'at');
    expect(entries.map(({ target_id: target }) => target)).to.deep.equal([typeId('rpl', replayId)]);
  });

  it('what happens to be published while it runs has one delivery, and is no part of it', async () => {
    await publish(3);
    const { id } = await endpoint('/meanwhile');
    const replayId = await start(id, 50);
    await publish(2);
    await reaches(replayId, 'completed');
    await receiver.waitFor(5, { path: '/meanwhile' });
    await sleep(200);
    const received = receiver.received.filter(({ path }) => path === '/meanwhile');
    expect(received.filter(({ headers }) => headers['webhook-replay'] === '1')).to.have.length(3);
    expect(received).to.have.length(5);
  });

  it('is paused, goes on where it was, and is cancelled for good; a second one finds only what is missing still', async () => {
    await publish(9);
    const { id } = await endpoint('/paused');
    const replayId = await start(id, 1);
    await receiver.waitFor(1, { path: '/paused' });
    await change(id, replayId, 'pause');
    const { replayed } = await row(replayId);
    expect(replayed).to.be.within(2, 6);
    await sleep(2_500);
    expect(await tenant.rows('deliveries')).to.have.length(replayed);
    await change(id, replayId, 'resume');
    await receiver.waitFor(replayed + 1, { path: '/paused' });
    await change(id, replayId, 'cancel');
    const made = (await row(replayId)).replayed;
    expect(made).to.be.within(replayed + 1, 8);
    const second = await start(id, 50);
    expect(await reaches(second, 'completed')).to.include({ replayed: 9 - made });
    await receiver.waitFor(9, { path: '/paused' });
    expect(receiver.received.filter(({ path }) => path === '/paused').map(numberOf)).to.have.members([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('an endpoint that changes what it asks for gets, from then on, what it asks for', async () => {
    await publish(12);
    const { id } = await endpoint('/narrowed');
    const replayId = await start(id, 1);
    await receiver.waitFor(1, { path: '/narrowed' });
    await tenant.update('webhook_endpoints', { id }, () => ({ filter: JSON.stringify({ 'data.n': 11 }) }));
    const { replayed } = await reaches(replayId, 'completed');
    expect(replayed).to.be.within(2, 11);
    const received = await receiver.waitFor(replayed, { path: '/narrowed' });
    expect(received.map(numberOf)).to.deep.equal([...Array.from({ length: replayed - 1 }, (_none, n) => n), 11]);
  });
});
