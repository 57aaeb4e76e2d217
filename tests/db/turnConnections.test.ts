import { setImmediate as nextTurn } from 'node:timers/promises';
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

  it('all fail when no connection can be had, and later ones try anew', async () => {
    await pool(1);
    const held = read(SLOW.replace('0.2', '2.5'));
    await nextTurn();
    await nextTurn();
    const refused = await Promise.allSettled([read(fence(1)), read(fence(2))]);
    expect(refused.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    await held;
    expect(await read(fence(3))).to.have.length(1);
  });
});
