import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import { createKnex } from '../../db/knex.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { useDatabase } from '../support/database.ts';
import { relayTo } from './support/relay.ts';

describe('connections to Postgres', () => {
  const database = useDatabase();
  const opened: Knex[] = [];
  const open = (url: string, settings: Partial<Parameters<typeof createKnex>[1]> = {}): Knex => {
    const knex = createKnex(url, { max: 2, applicationName: 'test', statementTimeoutMs: 5_000, ...settings });
    opened.push(knex);
    return knex;
  };
  afterEach(async () => void (await Promise.all(opened.splice(0).map((knex) => knex.destroy()))));

  it('Postgres that is not there is service_unavailable within 3 s, for every caller at once', async () => {
    const knex = open('postgres://artisan_app:x@127.0.0.1:1/none');
    const started = performance.now();
    const errors = await Promise.all(Array.from({ length: 20 }, () => failure(withTenant(knex, newId(), (trx) => trx.raw('select 1')))));
    expect(performance.now() - started).to.be.below(3_000);
    for (const error of errors) expectUnavailable(error);
  });

  it('a socket path that does not exist is service_unavailable', async () => {
    expectUnavailable(await failure(open('postgres:///none?host=/nonexistent').raw('select 1')));
  });

  it('a pool that stays full is service_unavailable within 3 s', async () => {
    const knex = open(database.urls.app, { max: 1 });
    const holder = await knex.transaction();
    const started = performance.now();
    expectUnavailable(await failure(knex.raw('select 1')));
    expect(performance.now() - started).to.be.below(3_000);
    await holder.rollback();
    await knex.raw('select 1');
  });

  it('a statement over its limit is ended by the server, and the connection goes on working', async () => {
    const knex = open(database.urls.app, { max: 1, statementTimeoutMs: 200 });
    expectUnavailable(await failure(withTenant(knex, newId(), (trx) => trx.raw('select pg_sleep(5)'))));
    await knex.raw('select 1');
  });

  it('connections that the server ended while idle are replaced without an error for anyone', async () => {
    const knex = open(database.urls.app);
    await Promise.all([knex.raw('select pg_sleep(0.05)'), knex.raw('select pg_sleep(0.05)')]);
    await terminate();
    await eventually(async () => void (await Promise.all([knex.raw('select 1'), knex.raw('select 1')])));
  });

  it('a connection that the server ended inside a transaction fails that caller with service_unavailable and nobody else', async () => {
    const knex = open(database.urls.app, { max: 1 });
    const broken = failure(withTenant(knex, newId(), (trx) => trx.raw('select pg_sleep(5)')));
    await eventually(async () => expect(await terminate()).to.equal(1));
    expectUnavailable(await broken);
    await knex.raw('select 1');
  });

  it('a server that falls silent is given up soon after the statement limit; what it left open is never reused', async () => {
    const relay = await relayTo(database.urls.app);
    const knex = open(relay.url, { max: 1, statementTimeoutMs: 100 });
    try {
      const started = performance.now();
      const silent = failure(
        withTenant(knex, newId(), async (trx) => {
          await trx.raw('select 1');
          relay.freeze();
          await trx.raw('select 2');
        }),
      );
      expectUnavailable(await silent);
      expect(performance.now() - started).to.be.within(3_000, 5_000);
      relay.thaw();
      const { rows } = await knex.raw("select current_setting('app.org_id', true) as org, now() = statement_timestamp() as fresh");
      expect(rows).to.deep.equal([{ org: null, fresh: true }]);
    } finally {
      await relay.close();
    }
  });

  it('a cut in mid-query is service_unavailable; when Postgres is reachable again so is the same pool', async () => {
    const relay = await relayTo(database.urls.app);
    const knex = open(relay.url);
    try {
      const cut = failure(knex.raw('select pg_sleep(5)'));
      await eventually(async () => expect(await sleeping()).to.equal(1));
      await relay.close();
      expectUnavailable(await cut);
      expectUnavailable(await failure(knex.raw('select 1')));
      await relay.reopen();
      await knex.raw('select 1');
    } finally {
      await relay.close();
    }
  });

  it('an error carries neither the values of the statement nor those of the row it met', async () => {
    const knex = open(database.urls.system);
    const row = { id: newId(), email: 'Ada.Secret@example.com' };
    const error = (await failure(knex('users').insert(row))) as Error;
    expect(error).to.include({ code: '23514', constraint: 'users_email_check' });
    expect(inspect(error, { depth: 5 })).to.not.match(/ada\.secret/i);
  });

  it('int8 is a number as long as that is exact', async () => {
    const knex = open(database.urls.app);
    const { rows } = await knex.raw('select count(*) as count, 9007199254740991::int8 as largest from pg_class where false');
    expect(rows).to.deep.equal([{ count: 0, largest: 9_007_199_254_740_991 }]);
    expect(await failure(knex.raw('select 9007199254740992::int8'))).to.be.instanceOf(RangeError);
    await knex.raw('select 1');
  });

  function terminate(): Promise<number> {
    return asSuperuser(
      `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
      where datname = current_database() and application_name = 'test' and (state = 'idle' or query like '%pg_sleep%') and pid <> pg_backend_pid()`,
    );
  }

  const sleeping = (): Promise<number> =>
    asSuperuser(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%' and state = 'active'",
    );

  async function asSuperuser(sql: string): Promise<number> {
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test-superuser', statementTimeoutMs: 5_000 });
    const { rows } = await superuser.raw<{ rows: { n: number }[] }>(sql).finally(() => superuser.destroy());
    return rows[0]!.n;
  }
});

function failure(work: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(work).then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error,
  );
}

function expectUnavailable(error: unknown): void {
  const mapped = toAppError(error);
  expect(mapped, String(error)).to.be.instanceOf(AppError);
  expect(mapped).to.include({ code: 'service_unavailable' });
  expect((mapped as AppError).retryAfterSeconds).to.be.within(1, 5);
}

/** Until `check` holds, at most three seconds. */
async function eventually(check: () => Promise<unknown>, until = Date.now() + 3_000): Promise<void> {
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
