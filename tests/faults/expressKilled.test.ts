import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { moveToExpress } from '../support/expressLane.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { publishOver } from './publishOver.ts';

const ENDPOINTS = 30;

describe('faults: the worker is killed while it serves the express lane', function () {
  this.timeout(120_000);
  let installation: Installation;
  let receiver: Receiver;
  let tenant: TestTenant;

  before(async () => {
    [installation, receiver] = await Promise.all([
      createInstallation({ env: { WEBHOOK_LINGER_SECONDS: '2', WEBHOOK_LEASE_SECONDS: '3' } }),
      startReceiver(),
    ]);
    await Promise.all([installation.api.start(), installation.worker.start()]);
    tenant = await TestTenant.create(installation.database);
  });
  after(async () => {
    await receiver.close();
    await installation.dispose();
  });

  it('every event reaches every endpoint, and each request that was lost on the way is on record', async () => {
    receiver.behave(() => (response) => void setTimeout(() => response.writeHead(200).end(), 100));
    const paths = Array.from({ length: ENDPOINTS }, (_none, n) => `/${n}`);
    for (const path of paths) {
      const { id } = await tenant.webhook({ url: `${receiver.url}${path}` });
      await moveToExpress(tenant, [id]);
    }
    const events: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const { body } = await publishOver(installation.api.url, tenant.key);
      events.push(body.id ?? '');
      await sleep(100);
      if (n === 10) await installation.worker.kill();
      if (n === 14) await installation.worker.start();
    }
    const unfinished = async () =>
      (await tenant.rows<{ next_attempt_at: Date | null }>('deliveries')).filter((row) => row.next_attempt_at !== null).length;
    for (const giveUpAt = Date.now() + 60_000; (await unfinished()) > 0 && Date.now() < giveUpAt;) await sleep(200);
    const deliveries = await tenant.rows<{ status: string; attempts: number }>('deliveries');
    expect(deliveries).to.have.length(ENDPOINTS * events.length);
    for (const row of deliveries) expect(row.status).to.equal('delivered');
    for (const path of paths) {
      const ids = receiver.received.filter((request) => request.path === path).map(({ headers }) => headers['webhook-id'] ?? '');
      expect(new Set(ids)).to.deep.equal(new Set(events));
    }
    const attempts = await tenant.rows<{ error_code: string | null }>('delivery_attempts');
    const lost = attempts.filter(({ error_code: code }) => code === 'worker_lost').length;
    expect(lost, 'killed in the middle').to.be.greaterThan(0);
    expect(receiver.received.length).to.be.within(deliveries.length, deliveries.length + lost);
    expect(attempts).to.have.length(deliveries.length + lost);
  });
});
