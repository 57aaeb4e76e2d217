import type { Socket } from 'node:net';
import { expect } from 'chai';
import type { Knex } from 'knex';
import pg from 'pg';
import { destroyWhenSilent } from '../../db/connections.ts';
import { Flight } from '../../db/flight.ts';
import { createKnex } from '../../db/knex.ts';
import { readWithPipeline, withPipeline } from '../../db/pipeline.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';
import { TestTenant } from '../support/tenant.ts';

const WRITE = 'INSERT INTO outbox (org_id, id, topic, subject_id) VALUES ($1, $2, $3, $2)';

describe('a flight of statements', function () {
  this.timeout(20_000);
  const database = useDatabase();
  let tenant: TestTenant;
  let single: Knex;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
  });
  afterEach(() => single.destroy());

  const ask = (pipeline: TenantPipeline, text: string, values: unknown[] = []) => pipeline.send({ name: text.slice(0, 60), text, values });
  const write = (pipeline: TenantPipeline, topic: string) => ask(pipeline, WRITE, [tenant.orgId, newId(), topic]);
  const topics = async (): Promise<string[]> => (await tenant.rows<{ topic: string }>('outbox')).map(({ topic }) => topic);
  const inOne = <T>(send: (pipeline: TenantPipeline) => Promise<T>): Promise<T> =>
    withPipeline(single, tenant.orgId, async (pipeline) => {
      const sent = send(pipeline);
      void pipeline.commit();
      return sent;
    });

  it('is answered in one piece, however many statements it has', async () => {
    await inOne((pipeline) => write(pipeline, 'before'));
    const pool = single.client as { acquireConnection(): Promise<unknown>; releaseConnection(connection: unknown): Promise<void> };
    const connection = (await pool.acquireConnection()) as { connection: { stream: Socket } };
    let pieces = 0;
    connection.connection.stream.prependListener('data', () => (pieces += 1));
    await pool.releaseConnection(connection);
    await inOne((pipeline) => Promise.all(['one', 'two', 'three'].map((topic) => write(pipeline, topic))));
    expect(pieces).to.equal(1);
    expect(await topics()).to.have.members(['before', 'one', 'two', 'three']);
  });

  it('that is a whole transaction commits all of it or nothing', async () => {
    const failed = inOne((pipeline) => Promise.all([write(pipeline, 'before'), ask(pipeline, 'SELECT 1 / 0'), write(pipeline, 'behind')]));
    expect(await failed.catch((error: unknown) => error)).to.include({ code: '22012' });
    await inOne((pipeline) => write(pipeline, 'next'));
    expect(await topics()).to.deep.equal(['next']);
  });

  it('tells a failure that Postgres finds when it commits', async () => {
    await inOne((pipeline) =>
      Promise.all([
        ask(pipeline, 'CREATE TEMP TABLE late (id int, CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)'),
        write(pipeline, 'made'),
      ]),
    );
    const twice = (pipeline: TenantPipeline) => Promise.all([write(pipeline, 'twice'), ask(pipeline, 'INSERT INTO late VALUES (1), (1)')]);
    expect(await inOne(twice).catch((error: unknown) => error)).to.include({ code: '23505', constraint: 'once' });
    expect(await topics()).to.deep.equal(['made']);
  });

  it('that fails in a transaction of several flights is rolled back with those before, and the connection serves the next', async () => {
    const failed = withPipeline(single, tenant.orgId, async (pipeline) => {
      await write(pipeline, 'first flight');
      const second = Promise.all([write(pipeline, 'second flight'), ask(pipeline, 'SELECT 1 / 0')]);
      void pipeline.commit();
      return second;
    });
    expect(await failed.catch((error: unknown) => error)).to.include({ code: '22012' });
    await inOne((pipeline) => write(pipeline, 'next'));
    expect(await topics()).to.deep.equal(['next']);
  });

  it('parses what Postgres has not kept: a statement that it refused, and those behind it', async () => {
    const counted = (pipeline: TenantPipeline) =>
      Promise.all([ask(pipeline, 'SELECT count(*) FROM made_later'), ask(pipeline, "SELECT 'behind' AS is")]);
    expect(await inOne(counted).catch((error: unknown) => error)).to.include({ code: '42P01' });
    await inOne((pipeline) => ask(pipeline, 'CREATE TEMP TABLE made_later (id int)'));
    expect((await inOne(counted)).map(({ rows }) => rows)).to.deep.equal([[{ count: 0 }], [{ is: 'behind' }]]);
  });

  it('gives rows the same values as the driver, at first and when the columns are known', async () => {
    const text = `SELECT 1::int8 AS big, now() AS at, '{"a":[1]}'::jsonb AS doc, '{x,NULL}'::text[] AS list, NULL::uuid AS none, true AS yes,
      '\\x00ff'::bytea AS bytes, 1.5::float8 AS real, $1::text AS given`;
    const given = new Date(0);
    await readWithPipeline(single, tenant.orgId, async (pipeline) => {
      const [first, again] = [ask(pipeline, text, [given]), ask(pipeline, text, [given])];
      const [{ rows }, { rows: repeated }] = await Promise.all([first, again]);
      const { rows: fromDriver } = await database.app.raw<{ rows: { at: Date }[] }>(text.replace('$1', '?'), [given]);
      const at = rows[0]!['at'] as Date;
      expect(rows).to.deep.equal(fromDriver.map((row) => ({ ...row, at })));
      expect(repeated).to.deep.equal(rows);
    });
  });

  it('tells how many rows a statement returned, wrote or changed', async () => {
    const counts = await inOne((pipeline) =>
      Promise.all(
        [
          'SELECT 1 FROM generate_series(1, 3)',
          `INSERT INTO outbox (org_id, id, topic, subject_id) SELECT '${tenant.orgId}', gen_random_uuid(), 'n', gen_random_uuid() FROM generate_series(1, 2)`,
          "UPDATE outbox SET topic = 'changed'",
          'SET LOCAL enable_seqscan = off',
        ].map((text, n) => pipeline.send({ name: `count-${n}`, text, values: [] })),
      ),
    );
    expect(counts.map(({ command, rowCount }) => [command, rowCount])).to.deep.equal([
      ['SELECT', 3],
      ['INSERT', 2],
      ['UPDATE', 2],
      ['SET', null],
    ]);
  });

  it('rejects with the value that no parser could read', async () => {
    const huge = inOne((pipeline) => ask(pipeline, 'SELECT 9007199254740993::int8 AS huge'));
    expect(await huge.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });

  it('commits nothing when one of its values cannot be sent', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const failed = inOne((pipeline) => Promise.all([write(pipeline, 'before'), ask(pipeline, 'SELECT $1::jsonb', [circular])]));
    expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(Error);
    await inOne((pipeline) => write(pipeline, 'next'));
    expect(await topics()).to.deep.equal(['next']);
  });

  it('whose connection Postgres ends hands it to nobody', async () => {
    const end = () => inOne((pipeline) => ask(pipeline, 'SELECT pg_terminate_backend(pg_backend_pid())'));
    for (let n = 0; n < 5; n += 1) {
      expect(await end().catch((error: unknown) => error)).to.include({ code: '57P01' });
      await inOne((pipeline) => write(pipeline, `after ${n}`));
    }
    expect(await topics()).to.have.length(5);
  });

  it('may take as long as its statements may together before its server counts as silent', async () => {
    const client = new pg.Client({ connectionString: database.urls.app });
    await client.connect();
    destroyWhenSilent(client, { statementTimeoutMs: 300, marginMs: 100 });
    const fly = (count: number, seconds: number) =>
      new Promise<Error | null>((landed) => {
        const statement = { name: `sleep ${seconds}`, text: `SELECT pg_sleep(${seconds})`, values: [] };
        const passengers = Array.from({ length: count }, () => ({ statement, resolve: () => undefined, reject: () => undefined }));
        (client.query as unknown as (flight: Flight, landed: (error: Error | null) => void) => void)(new Flight(passengers, count), landed);
      });
    client.on('error', () => undefined);
    expect(await fly(3, 0.25)).to.equal(null);
    expect(await fly(1, 0.6)).to.include({ code: 'ETIMEDOUT' });
    await client.end();
  });

  it('has nothing to follow without a commit, and says so', async () => {
    const followed = await withPipeline(single, tenant.orgId, async (pipeline) => {
      const hint = pipeline.follow({ name: 'hint', text: 'SELECT 1', values: [] });
      void pipeline.commit();
      return hint.catch((error: unknown) => error);
    });
    expect(followed).to.include({ message: 'There is no commit to follow' });
  });
});
