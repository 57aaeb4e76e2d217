import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { WebhookReplay } from '../../../db/models/WebhookReplay.ts';
import { systemClock } from '../../../server/clock.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { erasePayload } from '../../../services/events/erasePayload.ts';
import { eraseNextBatch } from '../../../services/events/erasures/batch.ts';
import { startErasure } from '../../../services/events/erasures/start.ts';
import type { Subject } from '../../../services/events/erasures/start.ts';
import { runInTenant } from '../../../services/runInTenant.ts';
import { createMissed } from '../../../services/webhooks/replays/createMissed.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('erasure of payloads', () => {
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  let aheadMs = 0;
  const clock = { now: () => new Date(systemClock.now().getTime() + aheadMs) };
  let tenant: TestTenant;
  beforeEach(async () => {
    aheadMs = 0;
    tenant = await TestTenant.create(database);
  });

  const within = <T>(work: Parameters<typeof runInTenant<T>>[2]): Promise<T> =>
    runInTenant({ knex: database.app, clock, vault, subjectKeys: createSubjectKeys(vault) }, tenant.actor, work);
  const start = async (subject: Subject): Promise<string> => (await within((context) => startErasure(context, subject))).erasure.id;
  const batch = (id: string) => within((context) => eraseNextBatch(context, id));
  const erased = async (): Promise<boolean[]> =>
    (await tenant.rows<{ payload: string | null }>('events')).map(({ payload }) => payload === null);

  it('an event that is accepted after the request keeps its payload and is delivered, however late the batch comes and whatever our clock says', async () => {
    await tenant.webhook({});
    const data = { lead: 1 };
    await tenant.publish({ data });
    aheadMs = 60_000;
    const id = await start({ path: 'data.lead', value: 1 });
    await tenant.publish({ data }, { data });
    expect(await batch(id)).to.include({ examined: 1, erased: 1, sealedValue: null });
    expect(await erased()).to.deep.equal([true, false, false]);
    const deliveries = await tenant.rows<{ status: string }>('deliveries');
    expect(deliveries.map(({ status }) => status)).to.deep.equal(['cancelled', 'pending', 'pending']);
  });

  const value = 'ada@customer.example';
  for (const [path, matching, others] of [
    [['data', 'customer.email'], { 'customer.email': value }, { customer: { email: value } }],
    [['data', '', '*'], { '': { '*': value } }, { '': { x: value } }],
    ['data.people.*.email', { people: [{}, { email: value }] }, { people: { x: { email: value } } }],
    [['data', 'rows', '*', '*', 'e.mail'], { rows: [[], [{ 'e.mail': value }]] }, { rows: [{ 'e.mail': value }] }],
    ['data.tags.*', { tags: [[value], 'x'] }, { tags: [{ 0: value }] }],
    ['data.people.1', { people: ['x', value] }, { people: [value, 'x'] }],
    ['data.constructor.name', { constructor: { name: value } }, { other: value }],
  ] as const) {
    it(`finds a subject at ${JSON.stringify(path)}, and no other`, async () => {
      await tenant.publish({ data: matching }, { data: others });
      const id = await start({ path: typeof path === 'string' ? path : [...path], value });
      expect(await batch(id)).to.include({ examined: 2, erased: 1, sealedValue: null });
      expect(await erased()).to.deep.equal([true, false]);
    });
  }

  it('a delivery that a replay of what was missed makes at the same time is flagged: its answer is not kept, and nothing is tried again', async () => {
    const [event] = await tenant.publish({ data: { lead: 1 } });
    const { id: endpointId } = await tenant.webhook({});
    const range = { since: new Date(Date.now() - 60_000), until: new Date(), position: null, eventTypes: null };
    const replay = Object.assign(new WebhookReplay(), { ...range, endpointId, perSecond: 50 });
    aheadMs = 60_000;
    const made = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const replaying = within(async (context) => {
      await createMissed(context, replay, 50);
      made.resolve();
      await goOn.promise;
    });
    await made.promise;
    const erasing = within((context) => erasePayload(context, event!.id));
    await Promise.race([erasing, sleep(300)]);
    goOn.resolve();
    await Promise.all([replaying, erasing]);
    const deliveries = await tenant.rows<object>('deliveries');
    expect(deliveries).to.have.length(1);
    expect(deliveries[0]).to.include({ payload_erased: true, status: 'cancelled', last_error_code: 'payload_erased' });
  });
});
