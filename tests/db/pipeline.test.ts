import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { createKnex } from '../../db/knex.ts';
import { readWithPipeline, withPipeline } from '../../db/pipeline.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import { newId } from '../../server/ids.ts';
import { countWrites } from '../support/countWrites.ts';
import { useDatabase } from '../support/database.ts';
import { TestTenant } from '../support/tenant.ts';

const WRITE = 'INSERT INTO outbox (org_id, id, topic, subject_id) VALUES ($1, $2, $3, $4)';

describe('withPipeline', function () {
  this.timeout(20_000);
  const database = useDatabase();
  let tenant: TestTenant;
  let other: TestTenant;
  before(async () => {
    tenant = await TestTenant.create(database);
    other = await TestTenant.create(database);
  });

  const write = (pipeline: TenantPipeline, topic: string, orgId = tenant.orgId) =>
    pipeline.send({ name: 'test-write', text: WRITE, values: [orgId, newId(), topic, newId()] });
  const broken = (pipeline: TenantPipeline) => pipeline.send({ name: 'test-broken', text: 'SELECT 1 / $1::int AS nothing', values: [0] });
  const topics = async (): Promise<string[]> => (await tenant.rows<{ topic: string }>('outbox')).map(({ topic }) => topic);
  const failure = (work: (pipeline: TenantPipeline) => Promise<unknown>): Promise<Error> =>
    withPipeline(database.app, tenant.orgId, work).then(
      () => expect.fail('it was committed'),
      (error: Error) => error,
    );

  it('commits what was sent, with the commit sent behind it or left to the end', async () => {
    await withPipeline(database.app, tenant.orgId, (pipeline) => write(pipeline, 'waited'));
    await withPipeline(database.app, tenant.orgId, async (pipeline) => {
      const written = write(pipeline, 'early');
      void pipeline.commit();
      await written;
    });
    expect(await topics()).to.include.members(['waited', 'early']);
  });

  it('commits nothing when a statement fails, even with the commit sent before its answer, and tells that failure', async () => {
    const error = await failure(async (pipeline) => {
      const answers = [write(pipeline, 'before a failure'), broken(pipeline), write(pipeline, 'after a failure')];
      void pipeline.commit();
      return Promise.all(answers);
    });
    expect(error).to.include({ code: '22012' });
    const late = await failure(async (pipeline) => {
      void broken(pipeline).catch(() => undefined);
      return write(pipeline, 'not waited for');
    });
    expect(late).to.include({ code: '22012' });
    expect((await topics()).filter((topic) => topic.includes('fail') || topic === 'not waited for')).to.deep.equal([]);
  });

  it('rolls back when the work throws, and the connection serves the next', async () => {
    const single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    const thrown = new Error('changed its mind');
    const error = await withPipeline(single, tenant.orgId, async (pipeline) => {
      await write(pipeline, 'regretted');
      throw thrown;
    }).catch((caught: unknown) => caught);
    expect(error).to.equal(thrown);
    await withPipeline(single, tenant.orgId, (pipeline) => write(pipeline, 'next'));
    await single.destroy();
    expect(await topics())
      .to.include('next')
      .and.not.include('regretted');
  });

  it('keeps to its organization: foreign rows are neither seen nor written', async () => {
    await withPipeline(database.app, other.orgId, (pipeline) => write(pipeline, 'foreign', other.orgId));
    const seen = await withPipeline(database.app, tenant.orgId, (pipeline) =>
      pipeline.send<{ org_id: string }>({ name: 'test-read', text: 'SELECT DISTINCT org_id FROM outbox', values: [] }),
    );
    expect(seen.rows.every(({ org_id: orgId }) => orgId === tenant.orgId)).to.equal(true);
    expect(await failure((pipeline) => write(pipeline, 'smuggled', other.orgId))).to.include({ code: '42501' });
  });

  it('lets who does not wait ignore a failure: the commit tells it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const error = await failure(async (pipeline) => {
      void broken(pipeline);
      void write(pipeline, 'failed silently');
      await setImmediate();
    });
    await setImmediate();
    process.off('unhandledRejection', note);
    expect(error).to.include({ code: '22012' });
    expect(unhandled).to.deep.equal([]);
  });

  it('leaves nothing of the organization on the connection', async () => {
    const single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    await withPipeline(single, tenant.orgId, (pipeline) => write(pipeline, 'mine'));
    expect(await single('outbox').select('id')).to.deep.equal([]);
    await single.destroy();
  });

  it('says when it is over', async () => {
    let kept: TenantPipeline | undefined;
    await withPipeline(database.app, tenant.orgId, async (pipeline) => void (kept = pipeline));
    expect(await write(kept!, 'late').catch((error: Error) => error.message)).to.equal('The transaction is over');
  });

  it('fails when the connection is lost in the middle, and the pool replaces it', async () => {
    const single = createKnex(database.urls.app, { max: 1, applicationName: 'test lost', statementTimeoutMs: 5_000 });
    const error = await withPipeline(single, tenant.orgId, async (pipeline) => {
      await write(pipeline, 'lost');
      const { rows } = await pipeline.send<{ pid: number }>({ name: 'test-pid', text: 'SELECT pg_backend_pid() AS pid', values: [] });
      return pipeline.send({ name: 'test-end', text: 'SELECT pg_terminate_backend($1)', values: [rows[0]!.pid] });
    }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(Error);
    await withPipeline(single, tenant.orgId, (pipeline) => write(pipeline, 'afterwards'));
    await single.destroy();
    expect(await topics())
      .to.include('afterwards')
      .and.not.include('lost');
  });

  describe('readWithPipeline', () => {
    const ask = (pipeline: TenantPipeline, text = "SELECT current_setting('app.org_id', true) AS org") =>
      pipeline.send<{ org: string }>({ name: text, text, values: [] });

    it('makes a fenced read in one write, and leaves no fence behind', async () => {
      const single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
      let seen: unknown[] = [];
      const writes = await countWrites(single, async () => {
        seen = (await readWithPipeline(single, tenant.orgId, (pipeline) => Promise.all([ask(pipeline), ask(pipeline)]))).map(
          ({ rows }) => rows,
        );
      });
      const { rows } = await single.raw<{ rows: unknown[] }>("SELECT current_setting('app.org_id', true) AS org");
      await single.destroy();
      expect({ writes, seen, after: rows }).to.deep.equal({
        writes: 1,
        seen: [[{ org: tenant.orgId }], [{ org: tenant.orgId }]],
        after: [{ org: '' }],
      });
    });

    it('refuses what is asked after an answer, where no fence would hold', async () => {
      const late = readWithPipeline(database.app, tenant.orgId, async (pipeline) => {
        await ask(pipeline);
        return ask(pipeline);
      });
      expect(await late.catch((error: unknown) => error)).to.have.property('message', 'The transaction is over');
    });

    it('tells what Postgres refused, and the connection serves the next', async () => {
      const failed = readWithPipeline(database.app, tenant.orgId, (pipeline) => broken(pipeline));
      expect(await failed.catch((error: unknown) => error)).to.include({ code: '22012' });
      expect((await readWithPipeline(database.app, tenant.orgId, (pipeline) => ask(pipeline))).rows).to.deep.equal([{ org: tenant.orgId }]);
    });
  });
});
