import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { useDatabase } from '../support/database.ts';
import { wakePromised } from '../support/expressLane.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const SLOTS = 6;
const HANGING = 12;

describe('endpointDelivery: the places of a worker', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0', WORKER_MAX_ACTIVITIES: String(SLOTS) });
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  it('one tenant with more hanging endpoints than there are places does not keep another one waiting, and all of its own get their turn', async () => {
    const [hanging, other] = await Promise.all([TestTenant.create(database), TestTenant.create(database)]);
    const answers: (() => void)[] = [];
    receiver.behave(({ path }) => (path.startsWith('/hang') ? (response) => void answers.push(() => response.writeHead(200).end()) : 200));
    for (let n = 0; n < HANGING; n += 1) await hanging.webhook({ url: `${receiver.url}/hang/${n}`, timeoutSeconds: 30 });
    await hanging.publish({});
    await wakePromised(worker.deps.temporal, hanging);
    await receiver.waitFor(SLOTS / 2);
    await other.webhook({ url: `${receiver.url}/other` });
    await other.publish({});
    await wakePromised(worker.deps.temporal, other);
    await receiver.waitFor(1, { path: '/other' });
    // None of them was answered: they hold as many places as they may, and still do.
    expect(receiver.received).to.have.length(SLOTS / 2 + 1);
    const unfinished = async () => (await hanging.rows<{ status: string }>('deliveries')).filter(({ status }) => status !== 'delivered');
    for (const giveUpAt = Date.now() + 40_000; (await unfinished()).length > 0 && Date.now() < giveUpAt; await sleep(50))
      for (const answer of answers.splice(0)) answer();
    expect(await unfinished()).to.deep.equal([]);
    expect(receiver.received).to.have.length(HANGING + 1);
  });
});
