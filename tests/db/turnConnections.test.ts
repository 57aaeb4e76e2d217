import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { readWithPipeline } from '../../db/pipeline.ts';
import { newId } from '../../server/ids.ts';
import { countWrites } from '../support/countWrites.ts';
import { useDatabase } from '../support/database.ts';

const SLOW = 'SELECT pg_sleep(0.2)';

describe('reads of one turn of the event loop', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const [orgId, other] = [newId(), newId()];
  let knex: Knex;
  /** A pool whose connections are open: who joins a read that waits for one begins in another turn. */
  async function pool(max: number): Promise<void> {
    knex = createKnex(database.urls.app, { max, applicationName: 'test', statementTimeoutMs: 5_000 });
    await Promise.all(Array.from({ length: max }, () => read(SLOW, newId())));
  }
  afterEach(() => knex.destroy());

  /** Rows of a read in an organization, as it is fenced. */
  const read = (text: string, org = orgId) =>
    readWithPipeline(knex, org, async (pipeline) => (await pipeline.send({ name: text.slice(0, 60), text, values: [] })).rows);
  const fence = (n: number) => `SELECT ${n} AS n, current_setting('app.org_id') AS org`;
  const free = () => (knex.client as { pool: { numUsed(): number } }).pool.numUsed();

  it('leave in one write when they are one organization’s, and each is answered by itself', async () => {
    await pool(1);
    await read(fence(0));
    let answers: unknown[] = [];
    const writes = await countWrites(knex, async () => {
      answers = await Promise.all([1, 2, 3, 4].map((n) => read(fence(n))));
    });
    expect(writes).to.equal(1);
    expect(answers).to.deep.equal([1, 2, 3, 4].map((n) => [{ n, org: orgId }]));
    expect(free()).to.equal(0);
  });

  it('do not touch each other when one fails', async () => {
    await pool(1);
    const [one, failed, three] = await Promise.allSettled([read(fence(1)), read('SELECT 1 / 0'), read(fence(3))]);
    expect([one, three].map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled']);
    expect(failed).to.have.nested.property('reason.code', '22012');
    expect(free()).to.equal(0);
  });

  it('are eight on a connection at most', async () => {
    await pool(3);
    const served = await Promise.all(Array.from({ length: 20 }, () => read('SELECT pg_backend_pid() AS pid')));
    const byConnection = Map.groupBy(served, ([row]) => row?.['pid'] as number);
    expect([...byConnection.values()].map(({ length }) => length)).to.have.members([8, 8, 4]);
  });

  it('wait for no other organization, and no read of a later turn waits for them', async () => {
    await pool(3);
    const order: string[] = [];
    const slow = read(SLOW).then(() => order.push('slow'));
    const others = read(fence(1), other).then(([row]) => order.push(row?.['org'] as string));
    await nextTurn();
    await nextTurn();
    const later = read(fence(2)).then(() => order.push('later'));
    await Promise.all([slow, others, later]);
    expect(order.at(-1)).to.equal('slow');
    expect(order).to.have.members(['slow', other, 'later']);
  });

  it('all fail when their connection is lost, and the next read has another one', async () => {
    await pool(1);
    const lost = await Promise.allSettled([read('SELECT pg_terminate_backend(pg_backend_pid())'), read(fence(1))]);
    expect(lost.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(await read(fence(2))).to.deep.equal([{ n: 2, org: orgId }]);
    expect(free()).to.equal(0);
  });

  it('are no reason for one of a later turn to fail when no connection could be had for them in time', async () => {
    await pool(1);
    const held = read(SLOW.replace('0.2', '2.5'));
    await sleep(50);
    const first = Promise.allSettled([read(fence(1)), read(fence(2))]);
    await sleep(1_000);
    const later = read(fence(3));
    expect((await first).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(await later).to.deep.equal([{ n: 3, org: orgId }]);
    await held;
    expect(free()).to.equal(0);
  });

  it('that fails before a new statement is parsed takes nobody along who sent the same statement', async () => {
    await pool(1);
    const broken = readWithPipeline(knex, orgId, (pipeline) =>
      Promise.all(['SELECT 1 / 0', 'SELECT 7 AS seven'].map((text) => pipeline.send({ name: text, text, values: [] }))),
    );
    const [failed, ...others] = await Promise.allSettled([broken, ...[1, 2, 3].map(() => read('SELECT 7 AS seven'))]);
    expect(failed).to.have.nested.property('reason.code', '22012');
    expect(others).to.deep.equal([1, 2, 3].map(() => ({ status: 'fulfilled', value: [{ seven: 7 }] })));
    expect(await read('SELECT 7 AS seven')).to.deep.equal([{ seven: 7 }]);
  });

  it('of which one has a value that cannot be written: the others are answered', async () => {
    await pool(1);
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const broken = readWithPipeline(knex, orgId, (pipeline) =>
      pipeline.send({ name: 'echo', text: 'SELECT $1::jsonb', values: [circular] }),
    );
    const [failed, other] = await Promise.allSettled([broken, read(fence(1))]);
    expect(failed.status).to.equal('rejected');
    expect(other).to.deep.equal({ status: 'fulfilled', value: [{ n: 1, org: orgId }] });
  });
});
