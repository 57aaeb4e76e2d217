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
    for (let n = 0; n < 99; n += 1, now += 100) sparsity.add('a', 1);
    expect(sparsity.isBusy('a', 1)).to.equal(true);
    expect(sparsity.isBusy('b', 1)).to.equal(false);
    now = 10_000;
    expect(sparsity.isBusy('a', 99), 'the next ten seconds').to.equal(false);
    expect(sparsity.endpoints).to.equal(1);
  });

  it('an endpoint is calm after twenty deliveries of which few were due at once and at most five a second came', () => {
    let now = 0;
    const judged = (claims: number[], everyMs: number): boolean[] => {
      const calm = new Calm(() => now);
      return claims.map((claim) => {
        calm.claimed(claim);
        for (let n = 0; n < claim; n += 1) calm.delivered();
        now += claim * everyMs;
        return calm.judge();
      });
    };
    expect(judged([10, 9, 1], 200)).to.deep.equal([false, false, true]);
    expect(judged([10, 9, 1], 190), 'too many').to.deep.equal([false, false, false]);
    expect(judged([11, 9], 1_000), 'at once').to.deep.equal([false, false]);
    expect(judged([11, 9, 10, 10], 1_000), 'only what came since it was judged').to.deep.equal([false, false, false, true]);
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
