import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../db/tenancy.ts';
import { typeId } from '../../server/ids.ts';
import { erasePayloads } from '../../services/events/erasePayloads.ts';
import { eraseNextBatch } from '../../services/events/erasures/batch.ts';
import { keepErasure } from '../../services/events/erasures/keep.ts';
import { startErasure } from '../../services/events/erasures/start.ts';
import type { Subject } from '../../services/events/erasures/start.ts';
import { findStalledErasures } from '../../services/outbox/erasures.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { workflowId } from '../../workflows/payloadErasure/contract.ts';
import { dumpOf } from '../support/dump.ts';
import { useDatabase } from '../support/database.ts';
import { useSuperuser } from '../support/oldHistory.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface ErasureRow {
  examined: number;
  erased: number;
  sealed_value: Buffer | null;
  finished_at: Date | null;
}

interface DeliveryRow {
  status: string;
  last_error_code: string | null;
}

describe('payloadErasure', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const superuser = useSuperuser(database);
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let receiver: Receiver;
  let tenant: TestTenant;
  before(async () => (receiver = await startReceiver()));
  beforeEach(async () => (tenant = await TestTenant.create(database)));
  after(() => receiver.close());

  const promise = async (subject: Subject) =>
    (await runInTenant(worker.deps, tenant.actor, (context) => startErasure(context, subject))).promise;
  const handle = (erasureId: string) => {
    const ids = { orgId: typeId('org', tenant.orgId), erasureId: typeId('ers', erasureId) };
    return worker.deps.temporal.workflow.getHandle(workflowId(ids));
  };
  const row = async (id: string): Promise<ErasureRow> => (await tenant.rows<ErasureRow>('payload_erasures', { id }))[0]!;
  const erased = async (): Promise<string[]> =>
    (await tenant.rows<{ id: string; payload: string | null }>('events')).filter(({ payload }) => payload === null).map(({ id }) => id);

  it('erases what names the subject, over several batches, and nothing else; neither value nor data stay anywhere', async () => {
    const value = 'ada."lovelace"\u0000é@customer.example';
    const subject = { email: value, people: [{ mail: 'x' }, { mail: value }] };
    const others = [{ email: `x${value}` }, { email: value.toUpperCase() }, { note: value }, { email: [[value]] }, {}];
    const filler = Array.from({ length: 600 }, (_none, n) => ({ data: { n } }));
    const about = await tenant.publish({ data: { email: value, note: 'first' } }, { data: { email: ['x', value], secret: 'last-one' } });
    await tenant.publish(...filler, ...others.map((data) => ({ data })), { data: subject });
    const promised = await promise({ path: 'data.email', value });
    await keepErasure(worker.deps, promised);
    await handle(promised.erasureId).result();
    const named = (await tenant.rows<{ id: string }>('events')).at(-1)!.id;
    expect(await erased()).to.deep.equal([...about.map(({ id }) => id), named]);
    expect(await row(promised.erasureId)).to.include({ examined: 608, erased: 3, sealed_value: null });
    expect(await dumpOf(superuser.knex)).not.to.contain('last-one');
    const history = JSON.stringify(await handle(promised.erasureId).fetchHistory());
    for (const encoded of [value, Buffer.from(value).toString('base64').slice(0, 20)]) expect(history).not.to.contain(encoded);
    const entries = await tenant.rows<{ target_type: string }>('audit_view', { action: 'events.erase_payload' }, 'entry_id');
    expect(entries.length).to.be.within(1, 2);
    await recordHistory(worker.deps.temporal, handle(promised.erasureId).workflowId, 'payloadErasure-v1-two-batches');
  });

  it('knows a number from its text, and only the workspace of a bound credential', async () => {
    const [number] = await tenant.publish({ data: { lead: 42 } }, { data: { lead: '42' } }, { data: { lead: 420 } });
    const { erasureId } = await promise({ path: 'data.lead', value: 42 });
    await runInTenant(worker.deps, tenant.actor, (context) => eraseNextBatch(context, erasureId));
    expect(await erased()).to.deep.equal([number!.id]);
  });

  it('a batch that is repeated, and one after the end, change nothing', async () => {
    await tenant.publish({ data: { lead: 1 } });
    const { erasureId } = await promise({ path: 'data.lead', value: 1 });
    const batch = () => runInTenant(worker.deps, tenant.actor, (context) => eraseNextBatch(context, erasureId));
    const [first, second] = [await batch(), await batch()];
    expect(first).to.include({ erased: 1, sealedValue: null });
    expect(second).to.include({ erased: 1, examined: 1 });
  });

  it('is started by the relay when the process that promised it died, and found again when Temporal lost its store', async () => {
    await tenant.publish({ data: { lead: 7 } });
    const { erasureId } = await promise({ path: 'data.lead', value: 7 });
    await tenant.update('payload_erasures', {}, (trx) => ({ updated_at: trx.raw("now() - interval '1 hour'") }));
    const stalled = await database.system.transaction((trx) => findStalledErasures(trx, { overdueMs: 60_000, limit: 10 }));
    expect(stalled.map((each) => each.erasureId)).to.include(erasureId);
    await startOutboxRelay(worker.deps.temporal);
    while ((await row(erasureId)).finished_at === null) await sleep(50);
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
    expect(await erased()).to.have.length(1);
  });

  it('what is being sent while it is erased is not tried again, and what the receiver answered is not kept', async () => {
    const { id: endpointId } = await tenant.webhook({ url: `${receiver.url}/slow`, retryScheduleSeconds: [0] });
    const [event] = await tenant.publish({ data: { lead: 1 } });
    const answering = Promise.withResolvers<void>();
    receiver.behave(() => (response) => void answering.promise.then(() => response.writeHead(500).end('lead 1 is wrong')));
    await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
    await receiver.waitFor(1, { path: '/slow' });
    await withTenant(database.app, tenant.orgId, (trx) => erasePayloads(trx, tenant.orgId, [event!.id]));
    answering.resolve();
    while ((await tenant.rows('delivery_attempts')).length === 0) await sleep(20);
    const [delivery] = await tenant.rows<DeliveryRow>('deliveries');
    expect(delivery).to.include({ status: 'cancelled', last_error_code: 'payload_erased', next_attempt_at: null });
    const [attempt] = await tenant.rows<object>('delivery_attempts');
    expect(attempt).to.include({ status_code: 500, error_code: 'http_status', response_excerpt: null });
    receiver.behave(() => 200);
  });

  for (const [what, values, becomes] of [
    ['erased while its worker was dead', null, { status: 'cancelled', last_error_code: 'payload_erased' }],
    ['gone', 'event', { status: 'dead', last_error_code: 'event_expired' }],
  ] as const) {
    it(`never posts a delivery whose event is ${what}: it ends as ${becomes.status} with that reason`, async () => {
      const { id: endpointId } = await tenant.webhook({ url: `${receiver.url}/${becomes.status}` });
      const [event] = await tenant.publish({ data: { lead: 1 } });
      await tenant.update('deliveries', {}, (trx) => ({ status: 'in_flight', claimed_until: trx.raw("now() - interval '1 second'") }));
      if (values === null) await withTenant(database.app, tenant.orgId, (trx) => erasePayloads(trx, tenant.orgId, [event!.id]));
      else await superuser.knex('events').where({ id: event!.id }).delete();
      await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
      for (;;) {
        const [delivery] = await tenant.rows<DeliveryRow>('deliveries');
        if (delivery!.status === becomes.status) break;
        await sleep(20);
      }
      const [delivery] = await tenant.rows<DeliveryRow>('deliveries');
      expect(delivery).to.include({ ...becomes, next_attempt_at: null });
      expect(receiver.received.filter(({ path }) => path === `/${becomes.status}`)).to.deep.equal([]);
    });
  }
});
