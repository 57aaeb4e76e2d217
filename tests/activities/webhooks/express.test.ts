import { expect } from 'chai';
import { Calm } from '../../../activities/webhooks/calm.ts';
import { Hints } from '../../../activities/webhooks/express/hints.ts';
import { Holdings } from '../../../activities/webhooks/express/holdings.ts';
import { Sparsity } from '../../../activities/webhooks/express/sparsity.ts';

describe('the express lane: its books', () => {
  it('an endpoint is busy with a hundred deliveries in ten seconds, at once or one after the other', () => {
    let now = 0;
    const sparsity = new Sparsity(() => now);
    expect(sparsity.isBusy('a', 99)).to.equal(false);
    expect(sparsity.isBusy('a', 100)).to.equal(true);
    for (let n = 0; n < 99; n += 1, now += 100) sparsity.sent('a');
    expect(sparsity.isBusy('a', 1)).to.equal(true);
    expect(sparsity.isBusy('b', 1)).to.equal(false);
    now = 10_000;
    expect(sparsity.isBusy('a', 99), 'the next ten seconds').to.equal(false);
    expect(sparsity.endpoints).to.equal(1);
  });

  it('an endpoint that left begins anew when it comes back within the same ten seconds', () => {
    const sparsity = new Sparsity(() => 0);
    for (let n = 0; n < 80; n += 1) sparsity.sent('a');
    expect(sparsity.isBusy('a', 20)).to.equal(true);
    sparsity.left('a');
    expect(sparsity.isBusy('a', 20)).to.equal(false);
    expect(sparsity.endpoints).to.equal(1);
  });

  it('an endpoint should move after twenty fast deliveries in a row at five a second or less, however many waited', () => {
    let now = 0;
    /** Whether it should after the last of these. */
    const after = (results: { durationMs?: number; errorCode?: string }[], everyMs: number): boolean => {
      const calm = new Calm(() => now);
      for (const { durationMs = 999, errorCode = null } of results) {
        now += everyMs;
        calm.delivered({ durationMs, errorCode });
      }
      expect(calm.waitMs).to.equal(calm.asks ? 1_000 : 0);
      return calm.asks;
    };
    const fast = (count: number) => Array.from({ length: count }, () => ({}));
    expect(after(fast(20), 200)).to.equal(true);
    expect(after(fast(19), 200), 'too few').to.equal(false);
    expect(after(fast(20), 199), 'too many').to.equal(false);
    expect(after([...fast(10), { durationMs: 1_000 }, ...fast(19)], 200), 'one was slow').to.equal(false);
    expect(after([...fast(10), { errorCode: 'timeout' }, ...fast(20)], 200), 'twenty since one failed').to.equal(true);
    expect(after([...fast(20), { durationMs: 1_000 }], 200), 'no longer').to.equal(false);
  });

  it('an endpoint stays that is not through with what it has within a second, and has to prove itself anew', () => {
    let now = 0;
    const calm = new Calm(() => now);
    const deliver = (count: number): void => {
      for (let n = 0; n < count; n += 1) {
        now += 400;
        calm.delivered({ durationMs: 5, errorCode: null });
      }
    };
    deliver(20);
    now += 600;
    expect(calm.waitMs).to.equal(400);
    now += 400;
    expect(calm.waitMs).to.equal(0);
    deliver(19);
    expect(calm.waitMs).to.equal(0);
    deliver(1);
    expect(calm.waitMs).to.equal(1_000);
    calm.reset();
    expect([calm.waitMs, calm.asks]).to.deep.equal([0, false]);
  });

  it('organizations take turns, however many endpoints one has', () => {
    const hints = new Hints();
    for (let n = 0; n < 1_000; n += 1) hints.add('a', `a${n}`);
    hints.add('b', 'b0');
    hints.add('a', 'a0');
    expect(hints.take('a', 400)).to.have.length(400);
    expect(hints.orgs).to.deep.equal(['b', 'a']);
    expect(hints.take('b', 400)).to.deep.equal(['b0']);
    expect([hints.take('a', 400).length, hints.take('a', 400).length]).to.deep.equal([400, 200]);
    expect(hints.empty).to.equal(true);
  });

  it('one organization alone holds half of the places, and gives back what is on record', () => {
    const holdings = new Holdings();
    const claim = (orgId: string): string[] => {
      const ids = Array.from({ length: holdings.room(orgId) }, (_none, n) => `${orgId}${n}`);
      holdings.reserve(orgId, ids.length)(ids);
      return ids;
    };
    const held = claim('a');
    expect(held).to.have.length(500);
    expect(holdings.room('a')).to.equal(0);
    expect(claim('b').length).to.be.greaterThan(200);
    expect(holdings.free('a', held.slice(1))).to.equal(false);
    expect(holdings.free('a', held), 'again and the last').to.equal(true);
    expect(holdings.room('a')).to.be.greaterThan(200);
    holdings.reserve('c', 100)([]);
    expect(holdings.all.map(([orgId]) => orgId)).to.deep.equal(['b']);
  });
});
