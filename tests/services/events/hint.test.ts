import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../../db/knex.ts';
import { listen } from '../../../db/listen.ts';
import type { Listener } from '../../../db/listen.ts';
import { withPipeline } from '../../../db/pipeline.ts';
import { systemClock } from '../../../server/clock.ts';
import { waitUntil } from '../../../server/local/waitUntil.ts';
import { createLogger } from '../../../server/logger.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { EventPublisher } from '../../../services/events/publisher.ts';
import { wakeNotice } from '../../../services/webhooks/notifyWakes.ts';
import { WAKE_CHANNEL, wakeEntry } from '../../../services/webhooks/waker.ts';
import { countWrites } from '../../support/countWrites.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('the NOTIFY of what was published', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const heard: string[] = [];
  let tenant: TestTenant;
  let single: Knex;
  let listener: Listener;
  before(async () => {
    tenant = await TestTenant.create(database);
    single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    const channels = [{ name: WAKE_CHANNEL, onMessage: (payload: string) => void heard.push(payload) }];
    listener = listen({ url: database.urls.app, channels, logger: createLogger('silent', 'test') });
    await waitUntil('it listens', async () => listener.connected || null, { timeoutMs: 5_000 });
  });
  after(async () => {
    await listener.close();
    await single.destroy();
  });

  it('leaves in the write of the commit: publishing takes two, one to read who subscribes and one for everything else', async () => {
    const { id } = await tenant.webhook({});
    const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
    const publisher = new EventPublisher({
      clock: systemClock,
      audit: { clock: systemClock, subjectKeys: createSubjectKeys(vault) },
      inTenant: (orgId, work) => withPipeline(single, orgId, work),
      hint: (wakes) => wakeNotice(wakes.map(wakeEntry).join(',')),
      wake: () => undefined,
    });
    const publish = () =>
      publisher.publish({
        actor: tenant.actor,
        events: [{ type: 'lead.created', data: {}, occurredAt: new Date(), workspaceId: null, channels: [] }],
        claim: null,
      });
    // Keys of audit entries are made with the first and read with the second.
    for (let n = 0; n < 2; n += 1) await publish();
    expect(await countWrites(single, publish)).to.equal(2);
    await waitUntil('all are heard of', async () => (heard.filter((payload) => payload === id).length === 3 ? true : null), {
      timeoutMs: 5_000,
    });
  });

  it('holds by itself when it could not be committed, and leaves the connection to the next', async () => {
    const failed = withPipeline(single, tenant.orgId, async (pipeline) => {
      const answer = pipeline.send({ name: 'fails', text: 'SELECT 1 / 0', values: [] });
      void pipeline.commit();
      void pipeline.follow(wakeNotice('followed a failure'));
      return answer;
    });
    expect(await failed.catch((error: unknown) => error)).to.include({ code: '22012' });
    await waitUntil('it is heard of', async () => (heard.includes('followed a failure') ? true : null), { timeoutMs: 5_000 });
    await tenant.publish({});
  });

  it('is not sent for what was given up before it was sent', async () => {
    const failed = withPipeline(single, tenant.orgId, async (pipeline) => {
      await pipeline.send({ name: 'fails', text: 'SELECT 1 / 0', values: [] }).catch(() => undefined);
      void pipeline.commit();
      return pipeline.follow(wakeNotice('not sent'));
    });
    expect(await failed.catch((error: unknown) => error)).to.include({ code: '22012' });
    await single.raw('SELECT 1');
    expect(heard).to.not.include('not sent');
  });
});
