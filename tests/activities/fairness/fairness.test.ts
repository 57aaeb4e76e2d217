import { expect } from 'chai';
import { FairGate } from '../../../activities/fairness/fairGate.ts';
import { FairShare } from '../../../activities/fairness/fairShare.ts';
import { RoundRobin } from '../../../activities/fairness/roundRobin.ts';
import { Turns } from '../../../activities/fairness/turns.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes as many places as it may, one by one. */
function takeAll(share: FairShare, tenant: string): number {
  while (share.allows(tenant)) share.take(tenant);
  return share.held(tenant);
}

describe('fairness between tenants', () => {
  it('places: one tenant alone comes to half of them, and each that comes later still finds some', () => {
    const share = new FairShare(100);
    expect(takeAll(share, 'a')).to.equal(50);
    expect(takeAll(share, 'b')).to.equal(25);
    expect(takeAll(share, 'c')).to.be.within(10, 15);
    for (const late of ['d', 'e']) expect(share.allows(late), late).to.equal(true);
    for (let n = 0; n < 25; n += 1) share.give('b');
    expect(share.allows('a'), 'more than is free').to.equal(false);
    expect(share.room('c')).to.be.greaterThan(0);
  });

  it('places: a single one is given, and given back', () => {
    const share = new FairShare(1);
    expect(takeAll(share, 'a')).to.equal(1);
    expect(share.allows('b')).to.equal(false);
    share.give('a');
    expect(share.allows('b')).to.equal(true);
  });

  it('queues: a thousand items of one tenant delay another by one', () => {
    const queue = new RoundRobin<string>();
    for (let n = 0; n < 1_000; n += 1) queue.push('a', `a${n}`);
    queue.push('b', 'b0');
    const order = Array.from({ length: 4 }, () => queue.shift()?.item);
    expect(order).to.deep.equal(['a0', 'b0', 'a1', 'a2']);
  });

  it('the database: a tenant with a thousand transactions waiting leaves a connection to the next one', async () => {
    const gate = new FairGate(10);
    const running = new Map<string, number>();
    const ends: (() => void)[] = [];
    const work = (tenant: string) =>
      gate.run(tenant, async () => {
        running.set(tenant, (running.get(tenant) ?? 0) + 1);
        await new Promise<void>((resolve) => ends.push(resolve));
        running.set(tenant, (running.get(tenant) ?? 0) - 1);
      });
    const all = Array.from({ length: 1_000 }, () => work('a'));
    await nextTurn();
    expect(running.get('a')).to.equal(5);
    all.push(work('b'));
    await nextTurn();
    expect(running.get('b'), 'at once').to.equal(1);
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await nextTurn();
    }
    await Promise.all(all);
    expect([...running.values()]).to.deep.equal([0, 0]);
  });

  it('the database: what fails gives its place back', async () => {
    const gate = new FairGate(1);
    await gate.run('a', () => Promise.reject(new Error('away'))).catch(() => undefined);
    expect(await gate.run('a', () => Promise.resolve('again'))).to.equal('again');
  });

  it('the event loop: a few starts in each turn, and another tenant in the next one, whatever waits', async () => {
    const turns = new Turns();
    const started: string[] = [];
    for (let n = 0; n < 1_000; n += 1) turns.run('a', () => void started.push('a'));
    const first = started.length;
    expect(first).to.be.within(1, 50);
    turns.run('b', () => void started.push('b'));
    await nextTurn();
    await nextTurn();
    expect(started).to.include('b');
    expect(started.length).to.be.at.most(3 * first);
    while (started.length < 1_001) await nextTurn();
  });

  it('the event loop: without a crowd a start is immediate', () => {
    let started = false;
    new Turns().run('a', () => void (started = true));
    expect(started).to.equal(true);
  });
});
