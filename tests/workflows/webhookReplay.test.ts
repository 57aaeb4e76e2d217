import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { WebhookReplay } from '../../db/models/WebhookReplay.ts';
import { typeId } from '../../server/ids.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { REPLAY_TOPIC, findStalledReplays } from '../../services/outbox/replays.ts';
import type { PromisedReplay } from '../../services/outbox/replays.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { replayNextBatch } from '../../services/webhooks/replays/batch.ts';
import { changeReplay } from '../../services/webhooks/replays/change.ts';
import { countReplay } from '../../services/webhooks/replays/countReplay.ts';
import { keepReplay } from '../../services/webhooks/replays/keep.ts';
import { startReplay } from '../../services/webhooks/replays/start.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { workflowId } from '../../workflows/webhookReplay/contract.ts';
import type { ReplayProgress } from '../../workflows/webhookReplay/contract.ts';
import { useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { sentAt } from '../support/sentAt.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface ReplayRow {
  status: WebhookReplay['status'];
  reason: string | null;
  replayed: number;
}

describe('webhookReplay', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  before(async () => {
    receiver = await startReceiver();
    tenant = await TestTenant.create(database);
  });
  after(() => receiver.close());

  /** An endpoint with so many dead letters. */
  const endpointWith = async (dead: number, path: string, rateLimitPerSecond: number | null = null): Promise<string> => {
    const { id } = await tenant.webhook({ url: `${receiver.url}${path}`, eventTypes: ['lead.created'], rateLimitPerSecond });
    await tenant.publish(...Array.from({ length: dead }, (_none, n) => ({ data: { n } })));
    const state = { status: 'dead', next_attempt_at: null, attempts: 1, failures: 1 };
    await tenant.update('deliveries', {}, () => state);
    await tenant.update('webhook_endpoints', {}, () => ({ event_types: ['lead.updated'] }));
    await sleep(5);
    return id;
  };
  const promise = async (endpointId: string, perSecond: number) => {
    const filter = { missing: false as const, since: null, until: null, eventTypes: null, statuses: ['dead' as const] };
    const counted = await countReplay(worker.deps, tenant.actor, endpointId, filter);
    return runInTenant(worker.deps, tenant.actor, (context) => startReplay(context, endpointId, counted, perSecond));
  };
  const start = async (endpointId: string, perSecond: number): Promise<PromisedReplay> => {
    const { promise: promised } = await promise(endpointId, perSecond);
    await keepReplay(worker.deps, promised);
    return promised;
  };
  const change = async (endpointId: string, replayId: string, to: 'pause' | 'resume' | 'cancel') => {
    const { promises } = await runInTenant(worker.deps, tenant.actor, (context) => changeReplay(context, endpointId, replayId, to));
    for (const each of promises) await keepReplay(worker.deps, each);
  };
  const row = async (id: string): Promise<ReplayRow> => (await tenant.rows<ReplayRow>('webhook_replays', { id }))[0]!;
  const handle = (endpointId: string, replayId: string) =>
    worker.deps.temporal.workflow.getHandle(
      workflowId({ orgId: typeId('org', tenant.orgId), endpointId: typeId('whk', endpointId), replayId: typeId('rpl', replayId) }),
    );
  const reaches = async (endpointId: string, replayId: string, status: ReplayProgress['status']): Promise<ReplayProgress> => {
    for (;;) {
      const progress = await handle(endpointId, replayId).query<ReplayProgress>('progress');
      if (progress.status === status) return progress;
      await sleep(20);
    }
  };

  it('sends what matches, oldest first, at its pace, and completes; start and end are in the audit log', async () => {
    const endpointId = await endpointWith(5, '/paced');
    const startedAt = Date.now();
    const { replayId } = await start(endpointId, 2);
    const received = await receiver.waitFor(5, { path: '/paced', timeoutMs: 15_000 });
    await handle(endpointId, replayId).result();
    expect(await row(replayId)).to.include({ status: 'completed', replayed: 5 });
    // From when it was asked for: how long the first one takes is up to the machine.
    expect(received[4]!.at - startedAt).to.be.within(1_990, 10_000);
    expect(received.map(({ body }) => (JSON.parse(body) as { data: { n: number } }).data.n)).to.deep.equal([0, 1, 2, 3, 4]);
    for (const { headers } of received) expect(headers).to.include({ 'webhook-replay': '1' });
    for (const action of ['webhooks.replays.start', 'webhooks.replays.completed']) {
      const entries = await tenant.rows<{ target_id: string }>('audit_view', { action }, 'at');
      expect(entries.map(({ target_id: id }) => id)).to.include(typeId('rpl', replayId));
    }
    await recordHistory(worker.deps.temporal, handle(endpointId, replayId).workflowId, 'webhookReplay-v1-paced');
  });

  it('does not exceed the rate limit of its endpoint, however fast it is asked to be', async () => {
    const endpointId = await endpointWith(21, '/limited', 5);
    await start(endpointId, 1_000);
    const received = await receiver.waitFor(21, { path: '/limited', timeoutMs: 15_000 });
    const times = await sentAt(tenant, endpointId, 21);
    expect(times[20]! - times[0]!).to.be.within(3_900, 8_000);
    // One more may fall into a window: times are whole milliseconds, and the next batch may be sent by another run.
    for (const from of times) expect(times.filter((at) => at >= from && at < from + 1_000).length).to.be.at.most(6);
    for (const { headers } of received) expect(headers).to.include({ 'webhook-replay': '1' });
  });

  it('is paused, goes on where it was, and is cancelled for good', async () => {
    const endpointId = await endpointWith(9, '/paused');
    const { replayId } = await start(endpointId, 1);
    await receiver.waitFor(1, { path: '/paused' });
    await change(endpointId, replayId, 'pause');
    const paused = await reaches(endpointId, replayId, 'paused');
    expect(paused.replayed).to.be.within(2, 6);
    await change(endpointId, replayId, 'resume');
    await reaches(endpointId, replayId, 'running');
    await change(endpointId, replayId, 'cancel');
    await handle(endpointId, replayId).result();
    const cancelled = await row(replayId);
    expect(cancelled.status).to.equal('cancelled');
    expect(cancelled.replayed).to.be.below(9);
    await recordHistory(worker.deps.temporal, handle(endpointId, replayId).workflowId, 'webhookReplay-v1-paused');
  });

  it('is started by the relay when the process that promised it died', async () => {
    const endpointId = await endpointWith(1, '/promised');
    await promise(endpointId, 50);
    await startOutboxRelay(worker.deps.temporal);
    await receiver.waitFor(1, { path: '/promised' });
    while ((await tenant.rows('outbox', { topic: REPLAY_TOPIC })).length > 0) await sleep(50);
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
  });

  it('a batch that is repeated before its time sends nothing twice', async () => {
    const endpointId = await endpointWith(5, '/twice');
    const { promise: promised } = await promise(endpointId, 1);
    const batch = () => runInTenant(worker.deps, tenant.actor, (context) => replayNextBatch(context, promised.replayId));
    expect((await batch())?.replay.replayed).to.equal(2);
    expect(await batch()).to.deep.include({ wakes: [] });
    expect(await row(promised.replayId)).to.include({ status: 'running', replayed: 2 });
  });

  it('is found again when Temporal lost its store', async () => {
    const endpointId = await endpointWith(1, '/lost');
    const { promise: promised } = await promise(endpointId, 1);
    await tenant.update('webhook_replays', { id: promised.replayId }, (trx) => ({ next_batch_at: trx.raw("now() - interval '1 hour'") }));
    const stalled = await database.system.transaction((trx) => findStalledReplays(trx, { overdueMs: 60_000, limit: 10 }));
    expect(stalled.map(({ replayId }) => replayId)).to.deep.equal([promised.replayId]);
  });

  for (const [what, values, becomes] of [
    ['disabled', { status: 'disabled' }, { status: 'paused', reason: 'endpoint_disabled' }],
    ['deleted', { deleted_at: new Date() }, { status: 'cancelled', reason: 'endpoint_deleted' }],
  ] as const) {
    it(`stops when the endpoint is ${what}`, async () => {
      const endpointId = await endpointWith(1, `/${what}`);
      const { promise: promised } = await promise(endpointId, 1);
      await tenant.update('webhook_endpoints', { id: endpointId }, () => values);
      await keepReplay(worker.deps, promised);
      expect(await reaches(endpointId, promised.replayId, becomes.status)).to.include({ replayed: 0, nextBatchAt: null });
      expect(await row(promised.replayId)).to.include(becomes);
      if (becomes.status === 'paused') await handle(endpointId, promised.replayId).terminate();
    });
  }
});
