import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { withTenant } from '../../db/tenancy.ts';
import { typeId } from '../../server/ids.ts';
import { claimDue } from '../../services/webhooks/claim.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { workflowId } from '../../workflows/endpointDelivery/contract.ts';
import type { EndpointDeliveryStatus } from '../../workflows/endpointDelivery/contract.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface DeliveryRow {
  id: string;
  status: string;
  attempts: number;
  failures: number;
  next_attempt_at: Date | null;
  last_error_code: string | null;
  last_status_code: number | null;
}

interface AttemptRow {
  number: number;
  status_code: number | null;
  error_code: string | null;
  started_at: Date;
  response_excerpt: string | null;
}

describe('endpointDelivery', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  before(async () => {
    tenant = await TestTenant.create(database);
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  const wake = (endpointId: string) => wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
  const handle = (endpointId: string) =>
    worker.deps.temporal.workflow.getHandle(workflowId({ orgId: typeId('org', tenant.orgId), endpointId: typeId('whk', endpointId) }));
  const deliveries = (endpointId: string) => tenant.rows<DeliveryRow>('deliveries', { endpoint_id: endpointId });
  const attempts = (endpointId: string) => tenant.rows<AttemptRow>('delivery_attempts', { endpoint_id: endpointId }, 'number');

  it('delivers each due event once, signed so that an independent library verifies it, and then rests', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/a` });
    const published = await tenant.publish({ data: { n: 1 } }, { data: { n: 2 } });
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect(receiver.received).to.have.length(2);
    for (const { body, headers } of receiver.received) expect(new Webhook(webhook.secret).verify(body, headers)).to.have.property('data');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).to.have.members(published.map(({ id }) => typeId('evt', id)));
    for (const row of await deliveries(webhook.id)) expect(row).to.include({ status: 'delivered', attempts: 1, next_attempt_at: null });
  });

  it('retries at the configured delays and keeps every attempt on record', async () => {
    receiver.behave((_request, nth) => (nth < 3 ? 500 : 200));
    const webhook = await tenant.webhook({ url: `${receiver.url}/b`, retryScheduleSeconds: [1, 2] });
    await tenant.publish({});
    await wake(webhook.id);
    await handle(webhook.id).result();
    const made = await attempts(webhook.id);
    expect(made.map(({ number, status_code: status }) => [number, status])).to.deep.equal([
      [1, 500],
      [2, 500],
      [3, 200],
    ]);
    const gaps = made.slice(1).map((attempt, index) => attempt.started_at.getTime() - (made[index]?.started_at.getTime() ?? 0));
    expect(gaps[0]).to.be.within(850, 4_000);
    expect(gaps[1]).to.be.within(1_750, 5_000);
    expect(made[0]?.response_excerpt).to.equal('status 500');
    await recordHistory(worker.deps.temporal, handle(webhook.id).workflowId, 'endpointDelivery-v1-retries');
  });

  it('gives up after the last retry: a visible dead letter with its reason, and an audit entry', async () => {
    receiver.behave(() => 503);
    const webhook = await tenant.webhook({ url: `${receiver.url}/c`, maxRetries: 0 });
    await tenant.publish({});
    await wake(webhook.id);
    await handle(webhook.id).result();
    const [row] = await deliveries(webhook.id);
    expect(row).to.include({
      status: 'dead',
      attempts: 1,
      failures: 1,
      last_status_code: 503,
      last_error_code: 'http_status',
      next_attempt_at: null,
    });
    const [entry] = await tenant.rows<{ reason: string; target_id: string }>('audit_view', { action: 'webhooks.deliveries.dead' }, 'at');
    expect(entry).to.include({ reason: 'http_503', target_id: typeId('dlv', row?.id ?? '') });
  });

  it('does not connect to an address that is not public, and records why', async () => {
    const webhook = await tenant.webhook({ url: 'http://10.0.0.1/', maxRetries: 0 });
    await tenant.publish({});
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect((await attempts(webhook.id))[0]).to.include({ error_code: 'blocked_address', status_code: null });
  });

  it('cancels what is left of a deleted endpoint', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/d` });
    await tenant.publish({});
    await tenant.update('webhook_endpoints', { id: webhook.id }, () => ({ deleted_at: new Date() }));
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect(receiver.received).to.have.length(0);
    expect((await deliveries(webhook.id))[0]).to.include({ status: 'cancelled', next_attempt_at: null });
  });

  it('keeps the deliveries of a paused endpoint and ends', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/e` });
    await tenant.update('webhook_endpoints', { id: webhook.id }, () => ({ status: 'paused' }));
    await tenant.publish({});
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect((await deliveries(webhook.id))[0]).to.include({ status: 'pending', attempts: 0 });
  });

  it('delivers what was kept for a paused endpoint when it is active again', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/resumed` });
    await tenant.update('webhook_endpoints', { id: webhook.id }, () => ({ status: 'paused' }));
    await tenant.publish({}, {});
    await wake(webhook.id);
    await handle(webhook.id).result();
    await tenant.update('webhook_endpoints', { id: webhook.id }, () => ({ status: 'active' }));
    await wake(webhook.id);
    await receiver.waitFor(2);
  });

  it('explains an attempt whose worker was lost, and delivers after its lease', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/f` });
    await tenant.publish({});
    await tenant.update('deliveries', { endpoint_id: webhook.id }, (trx) => ({
      status: 'in_flight',
      claim_id: webhook.id,
      claimed_until: trx.raw("now() + interval '1 second'"),
    }));
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect((await attempts(webhook.id)).map(({ number, error_code: code }) => [number, code])).to.deep.equal([
      [1, 'worker_lost'],
      [2, null],
    ]);
    expect((await deliveries(webhook.id))[0]).to.include({ status: 'delivered', attempts: 2, failures: 0 });
  });

  it('keeps the order of an ordered endpoint, also while its head is retried', async () => {
    receiver.behave((_request, nth) => (nth === 2 ? 500 : 200));
    const webhook = await tenant.webhook({ url: `${receiver.url}/ordered`, ordered: true, maxInFlight: 10, retryScheduleSeconds: [1] });
    await tenant.publish(...Array.from({ length: 5 }, (_none, n) => ({ data: { n } })));
    await wake(webhook.id);
    await handle(webhook.id).result();
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { data: { n: number } }).data.n)).to.deep.equal([0, 1, 1, 2, 3, 4]);
  });

  it('waits for the head of an ordered endpoint, however long the others have been due', async () => {
    receiver.behave(() => 503);
    const webhook = await tenant.webhook({ url: `${receiver.url}/held`, ordered: true, retryScheduleSeconds: [3_600] });
    await tenant.publish({}, {});
    await wake(webhook.id);
    await receiver.waitFor(1);
    for (;;) {
      const status = await handle(webhook.id).query<EndpointDeliveryStatus>('status');
      if (!status.waitingFor.startsWith('1 retrying')) continue;
      expect(Date.parse(status.nextDueAt ?? '') - Date.now()).to.be.within(3_200_000, 4_000_000);
      break;
    }
    await handle(webhook.id).terminate();
  });

  it('finds the head of a long ordered backlog at once', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/long`, ordered: true });
    for (let batch = 0; batch < 6; batch += 1) await tenant.publish(...Array.from({ length: 500 }, () => ({})));
    const request = { orgId: tenant.orgId, endpointId: webhook.id, claimId: webhook.id, limit: 1, leaseMs: 1_000, ordered: true };
    const claimed = await withTenant(database.app, tenant.orgId, async (trx) => {
      await trx.raw('SET LOCAL statement_timeout = 1500'); // the head worked out anew for each due row takes longer
      return claimDue(trx, request);
    });
    expect(claimed).to.have.length(1);
  });

  it('asks for due work ten times a second at most while another transaction holds it', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/locked` });
    await tenant.publish({});
    let claims = 0;
    const count = ({ sql }: { sql: string }): void => void (claims += sql.includes('UPDATE deliveries AS d') ? 1 : 0);
    worker.deps.knex.on('query', count);
    await withTenant(database.app, tenant.orgId, async (trx) => {
      await trx('deliveries').where({ endpoint_id: webhook.id }).forUpdate().select('id');
      await wake(webhook.id);
      while (claims === 0) await sleep(10);
      await sleep(1_500);
    });
    worker.deps.knex.off('query', count);
    await handle(webhook.id).result();
    expect(claims).to.be.within(2, 20);
  });

  it('says in words what it waits for', async () => {
    receiver.behave(() => 503);
    const webhook = await tenant.webhook({ url: `${receiver.url}/g`, retryScheduleSeconds: [3_600] });
    await tenant.publish({});
    await wake(webhook.id);
    await receiver.waitFor(1);
    for (;;) {
      const status = await handle(webhook.id).query<{ waitingFor: string }>('status');
      if (!status.waitingFor.startsWith('1 retrying')) continue;
      expect(status.waitingFor).to.match(/^1 retrying, next at \d\d:\d\d:\d\dZ, last: 503$/);
      break;
    }
    await handle(webhook.id).terminate();
  });

  it('is woken out of a long wait by new work', async () => {
    receiver.behave((_request, nth) => (nth === 1 ? 503 : 200));
    const webhook = await tenant.webhook({ url: `${receiver.url}/h`, retryScheduleSeconds: [3_600] });
    await tenant.publish({});
    await wake(webhook.id);
    await receiver.waitFor(1);
    await tenant.publish({});
    await wake(webhook.id);
    await receiver.waitFor(2);
    await recordHistory(worker.deps.temporal, handle(webhook.id).workflowId, 'endpointDelivery-v1-woken');
    await handle(webhook.id).terminate();
  });

  it('keeps payloads, secrets and addresses out of the history', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/secret-path`, headers: { authorization: 'Bearer hidden-token' } });
    await tenant.publish({ data: { email: 'ada@example.com' } });
    await wake(webhook.id);
    await handle(webhook.id).result();
    const history = JSON.stringify(await handle(webhook.id).fetchHistory(), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    for (const secret of ['ada@example.com', 'secret-path', 'hidden-token', webhook.secret]) expect(history).not.to.include(secret);
  });
});
