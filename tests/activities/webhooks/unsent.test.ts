import { expect } from 'chai';
import { ClaimSize } from '../../../activities/webhooks/claimSize.ts';
import { UnsentQueue } from '../../../activities/webhooks/unsentQueue.ts';
import type { ClaimedDelivery } from '../../../services/webhooks/claim.ts';

const delivery = (id: string): ClaimedDelivery => ({
  id,
  eventId: id,
  eventType: 'lead.created',
  attempts: 0,
  failures: 0,
  replay: false,
  payload: '{}',
});

describe('what a worker has claimed and not sent', () => {
  it('goes out in the order of its claims, and is known by its ids', () => {
    const queue = new UnsentQueue();
    queue.add([delivery('a'), delivery('b')], performance.now());
    queue.add([], performance.now());
    queue.add([delivery('c')], performance.now());
    expect(queue.shift()?.id).to.equal('a');
    expect(queue.ids).to.deep.equal(['b', 'c']);
    expect(queue.length).to.equal(2);
    expect(queue.takeAll().map(({ id }) => id)).to.deep.equal(['b', 'c']);
    expect([queue.length, queue.shift(), queue.stale]).to.deep.equal([0, undefined, false]);
  });

  it('is stale after a second, and what was claimed behind it is not', () => {
    let now = 0;
    const queue = new UnsentQueue(() => now);
    queue.add([delivery('a')], now);
    now = 900;
    queue.add([delivery('b')], now);
    expect(queue.stale).to.equal(false);
    now = 1_001;
    expect(queue.stale).to.equal(true);
    queue.shift();
    expect(queue.stale).to.equal(false);
  });

  it('is stale at once when something changed, also while it was being claimed or looked at, until it is looked at again', () => {
    const queue = new UnsentQueue();
    const before = performance.now();
    queue.add([delivery('a'), delivery('b')], before);
    queue.distrust();
    expect(queue.stale).to.equal(true);
    queue.keep(new Set(['a', 'b']), before);
    expect(queue.stale, 'the question was older than the change').to.equal(true);
    queue.keep(new Set(['b']), performance.now() + 1);
    expect(queue.stale).to.equal(false);
    expect(queue.ids).to.deep.equal(['b']);
  });

  it('is no more than the rate limit lets out in about a second, and without one enough for twice the in-flight cap', () => {
    const most = (perSecond: number | null): number => {
      const size = new ClaimSize();
      const claimed = size.next(10, perSecond);
      return claimed + size.lowWater;
    };
    expect([1, 2, 10, 30].map(most)).to.deep.equal([1, 1, 7, 22]);
    expect(most(10_000)).to.equal(30);
    expect(most(null)).to.equal(30);
  });
});
