import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { publishUntilAccepted } from './publishOver.ts';

const EVENTS = 1_000;
const KILL_EVERY_MS = 5_000;
const PER_SECOND = 40;

describe('faults: API and worker are killed with -9 every 5 s', function () {
  this.timeout(180_000);
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

  it(`${EVENTS} events published meanwhile all arrive, none published twice, duplicates counted`, async () => {
    const tenant = await TestTenant.create(installation.database);
    await tenant.webhook({ url: receiver.url });
    const killing = new AbortController();
    const killer = killUntil(installation, killing.signal);
    const published = await publishAll(installation.api.url, tenant.key);
    killing.abort();
    const kills = await killer;
    expect(new Set(published).size).to.equal(EVENTS);
    expect(await tenant.rows('events')).to.have.length(EVENTS);

    const arrived = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    for (const giveUpAt = Date.now() + 60_000; arrived().size < EVENTS && Date.now() < giveUpAt;) await sleep(100);
    expect(arrived().size).to.equal(EVENTS);
    expect([...arrived()]).to.have.members(published);
    console.log(`      ${kills} kills; ${receiver.received.length - EVENTS} duplicate deliveries of ${EVENTS}`);
  });
});

async function killUntil({ api, worker }: Installation, stop: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    await sleep(KILL_EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return kills;
    await Promise.all([api.kill(), worker.kill()]);
    await Promise.all([api.start(), worker.start()]);
  }
}

async function publishAll(apiUrl: string, apiKey: string): Promise<string[]> {
  const publishing: Promise<string>[] = [];
  for (let n = 0; n < EVENTS; n += 1) {
    publishing.push(publishUntilAccepted(apiUrl, apiKey, { n }, `event-${n}`));
    await sleep(1_000 / PER_SECOND);
  }
  return Promise.all(publishing);
}
