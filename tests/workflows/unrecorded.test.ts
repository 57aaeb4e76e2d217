import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { SHARDS } from '../../services/webhooks/express/lane.ts';
import { useDatabase } from '../support/database.ts';
import { moveToExpress, wakePromised } from '../support/expressLane.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const ENDPOINTS = 60;
const EVENTS_OF_EACH = 15;
/** Answers that wait for Postgres, and requests in flight. */
const MOST_SENT = 48;
/** Of each of the express lane's runs. */
const MOST_SENT_EXPRESS = 128;

describe('answers that nobody has recorded', function () {
  this.timeout(40_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let superuser: Knex;
  let receiver: Receiver;
  before(() => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
  });
  after(() => superuser.destroy());

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  /** Wakes the organization's endpoints while claims pass and no record does. Returns how many requests came before that, of `all`; then all come. */
  async function sentUnrecorded(tenant: TestTenant, all: number): Promise<number> {
    const sent = await superuser.transaction(async (trx) => {
      await trx.raw('LOCK TABLE delivery_attempts IN SHARE MODE');
      await wakePromised(worker.deps.temporal, tenant);
      await waitUntil('the first request', () => (receiver.received.length > 0 ? true : null), { timeoutMs: 15_000 });
      await sleep(1_500);
      return receiver.received.length;
    });
    await waitUntil('all', () => (receiver.received.length >= all ? true : null), { timeoutMs: 20_000 });
    expect(new Set(receiver.received.map(({ path, headers }) => path + headers['webhook-id']))).to.have.property('size', all);
    return sent;
  }

  it('are few while Postgres does not take them, so that a kill repeats few; all arrive once it does', async () => {
    const tenant = await TestTenant.create(database);
    await tenant.webhook({ url: `${receiver.url}/held` });
    await tenant.publish(...Array.from({ length: 1_000 }, (_, n) => ({ data: { n } })));
    expect(await sentUnrecorded(tenant, 1_000)).to.be.within(1, MOST_SENT);
  });

  it('are few in the express lane, too, however many endpoints share it', async () => {
    const tenant = await TestTenant.create(database);
    const ids: string[] = [];
    for (let n = 0; n < ENDPOINTS; n += 1) ids.push((await tenant.webhook({ url: `${receiver.url}/${n}`, maxInFlight: 1 })).id);
    await moveToExpress(tenant, ids);
    await tenant.publish(...Array.from({ length: EVENTS_OF_EACH }, (_, n) => ({ data: { n } })));
    expect(await sentUnrecorded(tenant, ENDPOINTS * EVENTS_OF_EACH)).to.be.within(1, SHARDS * MOST_SENT_EXPRESS + ENDPOINTS);
  });
});
