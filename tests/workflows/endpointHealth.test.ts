import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { sentAt } from '../support/sentAt.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

interface EndpointRow {
  status: string;
  consecutive_failures: number;
  held_until: Date | null;
}

describe('endpointDelivery: health of an endpoint', function () {
  this.timeout(40_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  beforeEach(async () => {
    [tenant, receiver] = await Promise.all([TestTenant.create(database), startReceiver()]);
  });
  afterEach(() => receiver.close());

  const wake = (endpointId: string) => wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
  const endpoint = async (id: string) => (await tenant.rows<EndpointRow>('webhook_endpoints', { id }))[0];
  const deliveries = (endpointId: string) => tenant.rows<{ status: string; attempts: number }>('deliveries', { endpoint_id: endpointId });
  const actions = async () => (await tenant.rows<{ action: string }>('audit_view', {}, 'at')).map(({ action }) => action);

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (const giveUpAt = Date.now() + 15_000; !(await condition()); await sleep(25)) {
      if (Date.now() > giveUpAt) throw new Error('did not come to pass in time');
    }
  }

  it('after five failures in a row: one probe at a time, the rest held and not attempted; the first success sends all of it', async () => {
    receiver.behave(() => 500);
    const webhook = await tenant.webhook({
      url: `${receiver.url}/failing`,
      maxInFlight: 2,
      retryScheduleSeconds: [1, 1, 1, 1, 1, 1, 1, 1],
    });
    const told = await tenant.webhook({ url: `${receiver.url}/told`, eventTypes: ['webhook.*'] });
    await tenant.publish(...Array.from({ length: 30 }, () => ({})));
    await wake(webhook.id);
    await until(async () => (await endpoint(webhook.id))?.status === 'failing');
    const failingSince = performance.now();
    await sleep(2_500);
    const probes = receiver.received.filter(({ path }) => path === '/failing').length;
    const seconds = Math.ceil((performance.now() - failingSince) / 1_000);
    expect(probes, 'first failures and a probe a second').to.be.within(5, 9 + seconds);
    expect((await deliveries(webhook.id)).filter(({ attempts }) => attempts === 0).length).to.be.greaterThan(15);

    receiver.behave(() => 200);
    await until(async () => (await deliveries(webhook.id)).every(({ status }) => status === 'delivered'));
    expect(await endpoint(webhook.id)).to.include({ status: 'active', consecutive_failures: 0, held_until: null });
    expect(await actions()).to.include.members(['webhooks.failing', 'webhooks.recovered']);
    await wake(told.id);
    const reports = await receiver.waitFor(2, { path: '/told' });
    expect(reports.map(({ body }) => (JSON.parse(body) as { type: string }).type)).to.have.members([
      'webhook.endpoint.failing',
      'webhook.endpoint.recovered',
    ]);
  });

  it('a Retry-After holds the whole endpoint back, not just one delivery', async () => {
    receiver.behave((_request, nth) => (nth === 1 ? (response) => void response.writeHead(503, { 'retry-after': '3' }).end() : 200));
    const webhook = await tenant.webhook({ url: `${receiver.url}/slow`, maxInFlight: 1, retryScheduleSeconds: [1] });
    await tenant.publish({}, {}, {});
    await wake(webhook.id);
    await receiver.waitFor(4);
    const [first, second] = receiver.received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.greaterThan(2_800);
  });

  it('410 Gone disables the endpoint at once; what waits is kept, and an operational event and an audit entry say so', async () => {
    receiver.behave(() => 410);
    const webhook = await tenant.webhook({ url: `${receiver.url}/gone`, maxInFlight: 1 });
    await tenant.publish({}, {}, {});
    await wake(webhook.id);
    await until(async () => (await endpoint(webhook.id))?.status === 'disabled');
    await sleep(500);
    expect(receiver.received).to.have.length(1);
    expect((await deliveries(webhook.id)).map(({ status }) => status)).to.have.members(['retrying', 'pending', 'pending']);
    expect(await actions()).to.include('webhooks.disabled');
  });

  it('a delivery that gave up is reported to who asked for it, but never a report about a report', async () => {
    receiver.behave(() => 500);
    const webhook = await tenant.webhook({ url: `${receiver.url}/dead`, maxRetries: 0 });
    const told = await tenant.webhook({ url: `${receiver.url}/reports`, eventTypes: ['webhook.delivery.dead'], maxRetries: 0 });
    await tenant.publish({});
    await wake(webhook.id);
    await until(async () => (await deliveries(told.id)).length === 1);
    await wake(told.id);
    await until(async () => (await deliveries(told.id)).every(({ status }) => status === 'dead'));
    await sleep(300);
    expect(await deliveries(told.id)).to.have.length(1);
    const [report] = await receiver.waitFor(1, { path: '/reports' });
    expect(JSON.parse(report?.body ?? '{}')).to.deep.include({ type: 'webhook.delivery.dead' });
  });

  it('never exceeds the rate limit of an endpoint, and spreads what waits evenly', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/paced`, rateLimitPerSecond: 20, maxInFlight: 50 });
    await tenant.publish(...Array.from({ length: 41 }, () => ({})));
    await wake(webhook.id);
    const times = await sentAt(tenant, webhook.id, 41);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).to.be.within(1_900, 6_000);
    // One more may fall into a window: times are whole milliseconds.
    for (const from of times) expect(times.filter((at) => at >= from && at < from + 1_000).length).to.be.at.most(21);
  });
});
