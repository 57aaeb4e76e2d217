import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { typeId } from '../../server/ids.ts';
import { callApi } from '../../server/local/apiClient.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';

const EVENTS = 80;

interface WireReplay {
  id: string;
  status: string;
  replayed: number;
}

describe('faults: the worker is killed in the middle of a replay of what was missed', function () {
  this.timeout(240_000);
  let installation: Installation;
  let receiver: Receiver;

  before(async () => {
    [installation, receiver] = await Promise.all([createInstallation(), startReceiver()]);
    await Promise.all([installation.api.start(), installation.worker.start()]);
  });
  after(async () => {
    await receiver.close();
    await installation.dispose();
  });

  it(`${EVENTS} missed events: each gets one delivery and arrives, whatever was killed`, async () => {
    const tenant = await TestTenant.create(installation.database);
    const published = await tenant.publish(...Array.from({ length: EVENTS }, (_none, n) => ({ data: { n } })));
    const { id } = await tenant.webhook({ url: receiver.url });
    const call = (method: string, path: string, body?: object) =>
      callApi<WireReplay>(installation.api.url, tenant.key, method, `/admin/webhooks/${typeId('whk', id)}/${path}`, body);
    const since = new Date(Date.now() - 600_000).toISOString();
    const replay = await call('POST', 'replay', { missing: true, since, per_second: 10 });
    for (const killAt of [5, 45]) {
      await receiver.waitFor(killAt, { timeoutMs: 40_000 });
      await installation.worker.kill();
      await installation.worker.start();
    }
    const arrived = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    await waitUntil('all of them', () => (arrived().size === EVENTS ? true : null), { timeoutMs: 90_000 });
    expect([...arrived()]).to.have.members(published.map((event) => typeId('evt', event.id)));
    const completed = async () =>
      (await call('GET', `replays/${replay.id}`)).status === 'completed' ? call('GET', `replays/${replay.id}`) : null;
    expect(await waitUntil('its end', completed, { timeoutMs: 40_000 })).to.include({ replayed: EVENTS });
    const unfinished = async () =>
      (await tenant.rows<{ status: string }>('deliveries')).filter(({ status }) => status !== 'delivered').length;
    for (const giveUpAt = Date.now() + 40_000; (await unfinished()) > 0 && Date.now() < giveUpAt;) await sleep(200);
    const deliveries = await tenant.rows<{ status: string; replay: boolean }>('deliveries');
    expect(deliveries).to.have.length(EVENTS);
    for (const delivery of deliveries) expect(delivery).to.include({ status: 'delivered', replay: true });
  });
});
