import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createKnex } from '../../db/knex.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { publishOver } from './publishOver.ts';
import type { Publication } from './publishOver.ts';

const AWAY_MS = 10_000;
/** On a machine that other work loads; far below the 30 s for which a claim of a living process holds. */
const SOON_MS = 10_000;

describe('faults: a dependency is away', function () {
  this.timeout(120_000);
  let installation: Installation;
  let receiver: Receiver;
  let tenant: TestTenant;

  before(async () => {
    [installation, receiver] = await Promise.all([createInstallation(), startReceiver()]);
    await Promise.all([installation.api.start(), installation.worker.start()]);
    tenant = await TestTenant.create(installation.database);
    await tenant.webhook({ url: receiver.url });
  });
  after(async () => {
    await receiver.close();
    await installation.dispose();
  });

  const arrived = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));

  async function waitForAll(ids: string[]): Promise<void> {
    for (const giveUpAt = Date.now() + 60_000; !ids.every((id) => arrived().has(id)); await sleep(100)) {
      if (Date.now() > giveUpAt) throw new Error(`${ids.filter((id) => !arrived().has(id)).length} of ${ids.length} did not arrive`);
    }
  }

  /** What is claimed meanwhile is caught in the middle, however fast the machine is. `work` kills Postgres. */
  async function whileEventsCannotBeWritten<T>(work: () => Promise<T>): Promise<T> {
    const superuser = createKnex(installation.database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    const trx = await superuser.transaction();
    await trx.raw('LOCK TABLE events IN SHARE MODE');
    try {
      return await work();
    } finally {
      await trx.rollback().catch(() => undefined);
      await superuser.destroy();
    }
  }

  it('Postgres for 10 s under load: 503 with Retry-After, nothing half-written, everything recovers by itself', async () => {
    const answers: Promise<Publication>[] = [];
    const load = new AbortController();
    const publishing = (async () => {
      while (!load.signal.aborted) {
        answers.push(publishOver(installation.api.url, tenant.key));
        await sleep(20);
      }
    })();
    await sleep(1_000);
    await installation.postgres.kill();
    await sleep(AWAY_MS);
    await installation.postgres.start();
    await until(
      () => publishOver(installation.api.url, tenant.key),
      ({ status }) => status === 202,
      20_000,
    );
    await sleep(1_000);
    load.abort();
    await publishing;
    const all = await Promise.all(answers);
    const refused = all.filter(({ status }) => status !== 202);
    expect(refused.length).to.be.greaterThan(100);
    for (const { status, retryAfter, body } of refused) {
      expect([status, body.code]).to.deep.equal([503, 'service_unavailable']);
      expect(Number(retryAfter)).to.be.within(1, 60);
    }
    expect(all.at(-1)?.status).to.equal(202);
    const accepted = all.flatMap(({ status, body }) => (status === 202 ? [body.id ?? ''] : []));
    await waitForAll(accepted);
    const orphans = await installation.database.system.raw<{ rows: { n: number }[] }>(
      `SELECT count(*)::int AS n FROM events e
        WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.event_id = e.id)
           OR NOT EXISTS (SELECT FROM audit_view v WHERE v.action = 'events.publish' AND v.org_id = e.org_id AND v.at >= e.created_at - interval '1 minute')`,
    );
    expect(orphans.rows[0]?.n).to.equal(0);
  });

  it('Postgres killed in the middle of requests: they are served within a second or two of its return, under the keys that they had claimed', async () => {
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const publish = (key: string) => publishOver(installation.api.url, tenant.key, { data: { key }, idempotencyKey: key });
    const answers = await whileEventsCannotBeWritten(async () => {
      const first = Promise.all(keys.map(publish));
      await until(
        () => installation.database.system('idempotency_keys').where({ state: 'in_flight' }),
        ({ length }) => length > 0,
        SOON_MS,
      );
      await installation.postgres.kill();
      return first;
    });
    expect(answers.filter(({ status }) => status === 202)).to.deep.equal([]);
    await installation.postgres.start();
    await until(
      () => Promise.all(keys.map(publish)),
      (answers) => answers.every(({ status }) => status === 202),
      SOON_MS,
    );
    const written = await tenant.rows<{ payload: string }>('events');
    for (const key of keys) expect(written.filter(({ payload }) => payload.includes(key))).to.have.length(1);
  });

  it('Temporal: publishing still answers 202, and deliveries start when it is back', async () => {
    // Long enough for the endpoint's workflow to rest, so that the wake-up needs Temporal.
    await sleep(4_000);
    await installation.temporal.kill();
    const accepted = await Promise.all(Array.from({ length: 20 }, () => publishOver(installation.api.url, tenant.key)));
    expect(accepted.map(({ status }) => status)).to.deep.equal(Array.from({ length: 20 }, () => 202));
    await sleep(AWAY_MS);
    await installation.temporal.start();
    await waitForAll(accepted.map(({ body }) => body.id ?? ''));
  });
});
