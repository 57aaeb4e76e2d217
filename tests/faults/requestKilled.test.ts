import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';
import { apiProcess } from '../support/processes.ts';
import type { TestProcess } from '../support/processes.ts';
import { requestsTo } from '../support/app.ts';
import type { TestAnswer } from '../support/app.ts';
import { TestTenant } from '../support/tenant.ts';
import { testEnv } from '../support/testConfig.ts';
import { until } from '../support/until.ts';

/** Far below the 30 s for which a process that lives may hold a key. */
const SOON_MS = 10_000;

describe('faults: an API process is killed or stopped in the middle of a request with an Idempotency-Key', function () {
  this.timeout(60_000);
  const database = useDatabase();
  let first: TestProcess;
  let second: TestProcess;
  let tenant: TestTenant;
  let superuser: Knex;

  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 2, applicationName: 'test superuser', statementTimeoutMs: 10_000 });
    tenant = await TestTenant.create(database);
    [first, second] = await Promise.all([apiProcess(testEnv(database)), apiProcess(testEnv(database))]);
    await Promise.all([first.start(), second.start()]);
  });
  after(async () => {
    await Promise.all([first.kill(), second.kill(), superuser.destroy()]);
  });

  const publish = (to: TestProcess, key: string): Promise<TestAnswer> =>
    requestsTo(to.url).request('POST', '/api/v1/events', {
      key: tenant.key,
      body: { type: 'lead.created', data: { key } },
      headers: { 'idempotency-key': key },
    });

  /** Repeats as a client does until it is no 409; the answer, and when it came. */
  async function repeat(key: string): Promise<TestAnswer> {
    for (const giveUpAt = Date.now() + SOON_MS; ; await sleep(100)) {
      const answer = await publish(second, key);
      if (answer.status !== 409) return answer;
      if (Date.now() > giveUpAt) throw new Error(`still ${answer.text} after ${SOON_MS} ms`);
    }
  }

  /** What is being written waits until `work` is done: a request is caught after its claim, before its events are there. */
  async function whileWritingWaits(work: (waiting: (requests: number) => Promise<unknown>) => Promise<void>): Promise<void> {
    await superuser.transaction(async (trx) => {
      await trx.raw('LOCK TABLE events IN SHARE MODE');
      const count = async (): Promise<number> => {
        const { rows } = await superuser.raw<{ rows: { n: number }[] }>(
          `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass`,
        );
        return rows[0]?.n ?? 0;
      };
      await work((requests) => until(count, (n) => n >= requests, SOON_MS));
    });
  }

  const eventsOf = async (key: string): Promise<string[]> => {
    const events = await tenant.rows<{ id: string; payload: string }>('events');
    return events.filter(({ payload }) => payload.includes(key)).map(({ id }) => id);
  };

  it('kill -9: a repeat is carried out at once, although what the dead one sent still waits in Postgres, and there is one event', async () => {
    const key = randomUUID();
    let repeated: Promise<TestAnswer> | undefined;
    await whileWritingWaits(async (waiting) => {
      const cut = publish(first, key).catch(() => null);
      await waiting(1);
      await first.kill();
      expect(await cut).to.equal(null);
      repeated = repeat(key);
      repeated.catch(() => undefined);
      await waiting(2);
    });
    const answer = await repeated!;
    expect([answer.status, answer.headers.get('idempotency-replayed')]).to.deep.equal([202, null]);
    expect(await eventsOf(key)).to.have.length(1);
  });

  it('kill -9 after the commit: a repeat gets the first answer', async () => {
    await first.start();
    const key = randomUUID();
    const { text } = await publish(first, key);
    await first.kill();
    const answer = await repeat(key);
    expect([answer.status, answer.headers.get('idempotency-replayed'), answer.text]).to.deep.equal([202, 'true', text]);
    expect(await eventsOf(key)).to.have.length(1);
  });

  it('SIGSTOP: the key stays claimed; one that was taken for dead all the same comes back and cannot commit', async () => {
    await first.start();
    const key = randomUUID();
    let late: Promise<TestAnswer> | undefined;
    let repeated: Promise<TestAnswer> | undefined;
    await whileWritingWaits(async (waiting) => {
      late = publish(first, key);
      await waiting(1);
      first.signal('SIGSTOP');
      expect((await publish(second, key)).json.code).to.equal('idempotency_in_flight');
      await endPresenceOfHolder(key);
      repeated = repeat(key);
      repeated.catch(() => undefined);
      await waiting(2);
    });
    const answer = await repeated!;
    expect([answer.status, answer.headers.get('idempotency-replayed')]).to.deep.equal([202, null]);
    first.signal('SIGCONT');
    const refused = await late!;
    expect([refused.status, refused.json.code]).to.deep.equal([409, 'idempotency_in_flight']);
    expect(await eventsOf(key)).to.have.length(1);
    expect((await publish(first, key)).text).to.equal(answer.text);
  });

  /** As a network that breaks does: the process lives, and the session that stands for it is gone. */
  async function endPresenceOfHolder(key: string): Promise<void> {
    const { rows } = await superuser.raw<{ rows: { ended: boolean }[] }>(
      `SELECT pg_terminate_backend(pid, 1000) AS ended FROM pg_locks, idempotency_keys
        WHERE locktype = 'advisory' AND granted AND key = ?
          AND (classid::bigint << 32 | objid::bigint) = hashtextextended(holder::text, 73)`,
      [key],
    );
    expect(rows).to.deep.equal([{ ended: true }]);
  }
});
