import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { publishOver } from './publishOver.ts';

interface AttemptRow {
  number: number;
  status_code: number | null;
  error_code: string | null;
  started_at: Date;
}

describe('faults: the worker is killed', function () {
  this.timeout(90_000);
  let installation: Installation;
  let receiver: Receiver;
  let tenant: TestTenant;

  before(async () => {
    [installation, receiver] = await Promise.all([
      createInstallation({ env: { WEBHOOK_LINGER_SECONDS: '0' }, workerArgs: ['--import', './server/local/followParent.ts'] }),
      startReceiver(),
    ]);
    await Promise.all([installation.api.start(), installation.worker.start()]);
    tenant = await TestTenant.create(installation.database);
  });
  after(async () => {
    await receiver.close();
    await installation.dispose();
  });

  const attempts = (endpointId: string) => tenant.rows<AttemptRow>('delivery_attempts', { endpoint_id: endpointId }, 'number');
  /** All there are when so many are on record: an answer is recorded a moment after it came. */
  const recorded = async (endpointId: string, count: number): Promise<AttemptRow[]> => {
    await until(
      () => attempts(endpointId),
      ({ length }) => length >= count,
      10_000,
    );
    await sleep(300);
    return attempts(endpointId);
  };

  it('between attempts: 500, 500, 200 is delivered on the third attempt at the configured delays, each attempt recorded once', async () => {
    receiver.behave((_request, nth) => (nth < 3 ? 500 : 200));
    const { id } = await tenant.webhook({ url: `${receiver.url}/between`, retryScheduleSeconds: [8, 4] });
    await publishOver(installation.api.url, tenant.key);
    while ((await attempts(id)).length < 1) await sleep(20);
    await installation.worker.kill();
    await installation.worker.start();
    await receiver.waitFor(3, { path: '/between', timeoutMs: 40_000 });
    const made = await recorded(id, 3);
    expect(made.map(({ number, status_code: status, error_code: code }) => [number, status, code])).to.deep.equal([
      [1, 500, 'http_status'],
      [2, 500, 'http_status'],
      [3, 200, null],
    ]);
    const [first, second, third] = made.map(({ started_at: at }) => at.getTime());
    expect(second! - first!).to.be.within(7_200, 20_000);
    expect(third! - second!).to.be.within(3_600, 10_000);
  });

  it('in mid-delivery: the delivery is made after its lease, and the lost attempt is on record', async () => {
    receiver.behave((_request, nth) => (nth === 1 ? () => undefined : 200));
    const { id } = await tenant.webhook({ url: `${receiver.url}/middle`, timeoutSeconds: 30 });
    await publishOver(installation.api.url, tenant.key);
    await receiver.waitFor(1, { path: '/middle' });
    await installation.worker.kill();
    const killedAt = Date.now();
    await installation.worker.start();
    await receiver.waitFor(2, { path: '/middle', timeoutMs: 40_000 });
    expect(Date.now() - killedAt).to.be.lessThan(25_000);
    expect((await recorded(id, 2)).map(({ number, error_code: code }) => [number, code])).to.deep.equal([
      [1, 'worker_lost'],
      [2, null],
    ]);
    const [one, two] = receiver.received.filter(({ path }) => path === '/middle').map(({ headers }) => headers['webhook-id']);
    expect(two).to.equal(one);
  });

  it('by SIGTERM: it finishes the request in flight, records it and exits 0', async () => {
    receiver.behave(() => (response) => void setTimeout(() => response.writeHead(200).end(), 700));
    const { id } = await tenant.webhook({ url: `${receiver.url}/term` });
    await publishOver(installation.api.url, tenant.key);
    await receiver.waitFor(1, { path: '/term' });
    expect(await installation.worker.stop()).to.equal(0);
    expect((await attempts(id)).map(({ status_code: status }) => status)).to.deep.equal([200]);
    await installation.worker.start();
  });

  // Both orders: the supervisor dies while it stops the worker, and the next start stops what an earlier one left running.
  for (const order of ['signal first', 'signal last'])
    it(`by the loss of its supervisor and one signal (${order}): one orderly stop, with the request in flight finished and recorded`, async () => {
      const path = `/${order.replace(' ', '-')}`;
      receiver.behave(() => (response) => void setTimeout(() => response.writeHead(200).end(), 1_000));
      const { id } = await tenant.webhook({ url: `${receiver.url}${path}` });
      await publishOver(installation.api.url, tenant.key);
      await receiver.waitFor(1, { path });
      if (order === 'signal first') installation.worker.signal('SIGTERM');
      await sleep(100);
      installation.worker.disconnect();
      await sleep(100);
      if (order === 'signal last') installation.worker.signal('SIGTERM');
      expect(await installation.worker.ended()).to.equal(0);
      expect((await attempts(id)).map(({ status_code: status, error_code: code }) => [status, code])).to.deep.equal([[200, null]]);
      await installation.worker.start();
    });

  it('by a second signal after the loss of its supervisor: it ends at once', async () => {
    receiver.behave(() => () => undefined);
    await tenant.webhook({ url: `${receiver.url}/forced`, timeoutSeconds: 30 });
    await publishOver(installation.api.url, tenant.key);
    await receiver.waitFor(1, { path: '/forced' });
    installation.worker.disconnect();
    await sleep(100);
    installation.worker.signal('SIGTERM');
    await sleep(100);
    expect(await Promise.race([installation.worker.ended(), sleep(200, 'still running')])).to.equal('still running');
    installation.worker.signal('SIGINT');
    expect(await Promise.race([installation.worker.ended(), sleep(5_000, 'still running')])).to.equal(1);
  });
});
