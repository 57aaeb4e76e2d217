import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

const EVENTS = 1_000;
/** 128 answers that wait for Postgres, and the requests in flight when that many were reached. */
const MOST_SENT = 128 + 10;

describe('endpointDelivery: answers that nobody has recorded', function () {
  this.timeout(40_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let superuser: Knex;
  let receiver: Receiver;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    receiver = await startReceiver();
  });
  after(async () => {
    await receiver.close();
    await superuser.destroy();
  });

  it('are few while Postgres does not take them, so that a kill repeats few; all arrive once it does', async () => {
    const tenant = await TestTenant.create(database);
    const webhook = await tenant.webhook({ url: `${receiver.url}/held` });
    await tenant.publish(...Array.from({ length: EVENTS }, (_, n) => ({ data: { n } })));
    await superuser.transaction(async (trx) => {
      // Lets claims pass and holds up every record.
      await trx.raw('LOCK TABLE delivery_attempts IN SHARE MODE');
      await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId: webhook.id });
      await waitUntil('the first request', () => (receiver.received.length > 0 ? true : null), { timeoutMs: 15_000 });
      await sleep(1_500);
      expect(receiver.received.length).to.be.within(1, MOST_SENT);
    });
    await waitUntil('all', () => (receiver.received.length >= EVENTS ? true : null), { timeoutMs: 20_000 });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).to.have.property('size', EVENTS);
  });
});
