import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { requestsTo } from '../support/app.ts';
import { useDatabase } from '../support/database.ts';
import { createApiKey, createOrganization } from '../support/factories.ts';
import { apiProcess } from '../support/processes.ts';
import type { TestProcess } from '../support/processes.ts';
import { testEnv } from '../support/testConfig.ts';
import { until } from '../support/until.ts';

const FLUSH_MS = 1_000;
/** For the write itself, and for a timer that comes late on a busy machine. */
const SLACK_MS = 1_500;

describe('faults: an API process that counts what keys are used for is killed or stopped', function () {
  this.timeout(60_000);
  const database = useDatabase();
  let api: TestProcess;
  let superuser: Knex;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test superuser', statementTimeoutMs: 10_000 });
    api = await apiProcess(testEnv(database, { USAGE_FLUSH_SECONDS: String(FLUSH_MS / 1_000) }));
  });
  after(async () => void (await Promise.all([api.kill(), superuser.destroy()])));

  /** A key of its own, what is sent with it, and what is on record of it. */
  const newKey = async () => {
    const { id, key } = await createApiKey(database, await createOrganization(database));
    const answeredAt: number[] = [];
    let sent = 0;
    const send = async () => {
      sent += 1;
      await requestsTo(api.url).request('GET', '/api/v1/admin/permissions/me', { key });
      answeredAt.push(performance.now());
    };
    /** Four at a time, for so long or until nobody answers. */
    const keepSending = (forMs: number) => {
      const giveUpAt = performance.now() + forMs;
      const sender = async (): Promise<void> => {
        while (performance.now() < giveUpAt) await send();
      };
      return Promise.allSettled(Array.from({ length: 4 }, sender));
    };
    const recorded = async (): Promise<number> => {
      const [row] = await database.system('api_key_usage').where({ key_id: id }).sum<{ sum: string | null }[]>('requests as sum');
      return Number(row?.sum ?? 0);
    };
    return { answeredAt, sent: () => sent, send, keepSending, recorded };
  };

  it('kill -9 under traffic loses at most what was answered in the last interval, and nothing is counted twice', async () => {
    await api.start();
    const key = await newKey();
    const sending = key.keepSending(10_000);
    // Somewhere between two writes.
    await sleep(3_700);
    const killedAt = performance.now();
    await api.kill();
    await sending;
    const recorded = await key.recorded();
    const longBefore = key.answeredAt.filter((at) => at < killedAt - FLUSH_MS - SLACK_MS).length;
    console.log(`      ${key.answeredAt.length} answered, ${recorded} on record, ${longBefore} older than the bound`);
    expect(longBefore).to.be.greaterThan(20);
    expect(recorded).to.be.within(longBefore, key.sent());
    await api.start();
    await sleep(FLUSH_MS + SLACK_MS);
    expect(await key.recorded()).to.equal(recorded);
  });

  it('killed in the middle of a write, that is there as a whole or not at all, and not again', async () => {
    const key = await newKey();
    await superuser.transaction(async (trx) => {
      await trx.raw('LOCK TABLE api_key_usage IN SHARE MODE');
      for (let n = 0; n < 10; n += 1) await key.send();
      const waiting = async (): Promise<number> => {
        const { rows } = await trx.raw<{ rows: object[] }>(
          "SELECT FROM pg_locks WHERE NOT granted AND relation = 'api_key_usage'::regclass",
        );
        return rows.length;
      };
      await until(waiting, (count) => count > 0, 5_000);
      await api.kill();
    });
    await api.start();
    for (let n = 0; n < 5; n += 1) await key.send();
    expect(await api.stop()).to.equal(0);
    expect(await key.recorded()).to.be.oneOf([5, 15]);
  });

  it('an orderly stop under traffic loses nothing that was answered', async () => {
    await api.start();
    const key = await newKey();
    const sending = key.keepSending(5_000);
    await sleep(700);
    expect(await api.stop()).to.equal(0);
    await sending;
    expect(key.answeredAt.length).to.be.greaterThan(10);
    expect(await key.recorded()).to.be.within(key.answeredAt.length, key.sent());
  });
});
