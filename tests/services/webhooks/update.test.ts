import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../../db/knex.ts';
import { readWebhook } from '../../../db/queries/readWebhooks.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { systemClock } from '../../../server/clock.ts';
import { typeId } from '../../../server/ids.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { changeInTenant } from '../../../services/runInTenant.ts';
import type { WebhookSettings } from '../../../services/webhooks/create.ts';
import { deleteWebhook } from '../../../services/webhooks/delete.ts';
import { describeWebhook } from '../../../services/webhooks/describe.ts';
import { updateWebhook } from '../../../services/webhooks/update.ts';
import { asActor, codeOf } from '../../support/asActor.ts';
import { auditedChangesOf } from '../../support/auditedChanges.ts';
import { breakCommitsOf } from '../../support/commitBreaker.ts';
import { countWrites } from '../../support/countWrites.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

/** Every setting that can change, with values that a database might write in another way. */
const EVERYTHING: WebhookSettings = {
  name: 'Näme "of" {two}, \\ and a half',
  url: 'http://127.0.0.1:9/other?a=1',
  eventTypes: ['lead.*', 'meeting.booked'],
  description: 'two\nlines, NULL',
  timeoutSeconds: 300,
  maxRetries: 0,
  retryDelaySeconds: 86_400,
  retryScheduleSeconds: [60, 1, 60],
  headers: { 'X-Zeta': '1', 'X-Alpha': '2' },
  maxInFlight: 1,
  rateLimitPerSecond: 10_000,
  ordered: true,
  channels: ['a:b', 'A.b', 'null'],
  filter: { 'data.zeta': { in: ['a', 1.5, 1e21, -0, null] }, 'data.b': true },
};

describe('an update of an endpoint', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  const subjectKeys = createSubjectKeys(vault);
  let tenant: TestTenant;
  let id: string;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    ({ id } = await tenant.webhook({ name: 'Before', description: 'Before' }));
  });

  const update = (changes: Partial<WebhookSettings>, knex: Knex = database.app, endpointId = id) =>
    changeInTenant({ knex, clock: systemClock, vault, subjectKeys }, tenant.actor, (context) =>
      updateWebhook(context, endpointId, changes),
    );
  const read = () => withTenant(database.app, tenant.orgId, (trx) => readWebhook(trx, id, { orgId: tenant.orgId, workspaceId: null }));
  const audited = () => auditedChangesOf(database, tenant.orgId, { action: 'webhooks.update', subject: `webhook:${typeId('whk', id)}` });
  const single = (url = database.urls.app) => createKnex(url, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });

  // The answer and the entry are made before Postgres has written anything.
  it('answers and records exactly what a later read finds, whatever was changed, and so again when it is undone', async () => {
    const original = await read();
    const { name, url, description, rateLimitPerSecond, filter } = original!;
    for (const changes of [EVERYTHING, { name, url, description, rateLimitPerSecond, filter, headers: {} }, { maxRetries: 3 }]) {
      const answered = await update(changes);
      const found = await read();
      expect(JSON.stringify(answered)).to.equal(JSON.stringify(found));
      expect((await audited()).at(-1)!.after).to.deep.equal(JSON.parse(JSON.stringify(describeWebhook(found!))));
    }
    expect(await audited()).to.have.lengthOf(3);
  });

  it('takes two writes to Postgres: what must be known, and all that follows with its COMMIT', async () => {
    const knex = single();
    try {
      await update({ description: 'makes keys and plans' }, knex);
      expect(await countWrites(knex, () => update({ description: 'again' }, knex))).to.equal(2);
    } finally {
      await knex.destroy();
    }
  });

  it('takes no more for the first change of another endpoint that this process meets', async () => {
    const knex = single();
    try {
      await update({ description: 'makes keys and plans' }, knex);
      const { id: other } = await tenant.webhook({ name: 'Other' });
      expect(await countWrites(knex, () => update({ description: 'again' }, knex, other))).to.equal(2);
    } finally {
      await knex.destroy();
    }
  });

  it('at the same time as others loses none of them, and each entry begins where another ended', async () => {
    const changes: Partial<WebhookSettings>[] = [{ name: 'After' }, { description: null }, { maxRetries: 1 }, { channels: ['eu'] }];
    await Promise.all(changes.map((change) => update(change)));
    expect(await read()).to.deep.include({ name: 'After', description: null, maxRetries: 1, channels: ['eu'] });
    const entries = await audited();
    const ends = new Set(entries.map(({ after }) => JSON.stringify(after)));
    expect(entries.filter(({ before }) => !ends.has(JSON.stringify(before)))).to.have.lengthOf(1);
  });

  it('that waits for a deletion finds nothing, and records nothing', async () => {
    const waiting: Promise<string>[] = [];
    await asActor(database, tenant.actor, async (context) => {
      await deleteWebhook(context, id);
      waiting.push(codeOf(update({ name: 'After' })));
      await context.trx.raw('SELECT pg_sleep(0.3)');
    });
    expect(await waiting[0]).to.equal('not_found');
    expect(await audited()).to.deep.equal([]);
  });

  for (const [fate, name] of [
    ['lost', 'Before'],
    ['committed', 'After'],
  ] as const)
    it(`whose answer does not come because the connection broke is refused for now: the endpoint is as it was or changed (${fate})`, async () => {
      const breaker = await breakCommitsOf(database.urls.app);
      const knex = single(breaker.url);
      try {
        breaker.breakNext(fate);
        expect(await codeOf(update({ name: 'After' }, knex))).to.equal('service_unavailable');
        expect(await read()).to.include({ name });
        expect(await audited()).to.have.lengthOf(fate === 'lost' ? 0 : 1);
      } finally {
        await knex.destroy();
        breaker.close();
      }
    });
});
