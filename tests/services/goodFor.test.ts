import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { LRUCache } from 'lru-cache';
import { goodFor } from '../../services/goodFor.ts';

/** How many timers are set while `work` runs. */
function timersOf(work: () => unknown): number {
  const { setTimeout: set } = globalThis;
  let timers = 0;
  const counted = (...args: Parameters<typeof set>): NodeJS.Timeout => {
    timers += 1;
    return set(...args);
  };
  Object.assign(globalThis, { setTimeout: counted });
  try {
    work();
    return timers;
  } finally {
    Object.assign(globalThis, { setTimeout: set });
  }
}

describe('a cache whose entries are good for some time', () => {
  it('forgets them then', async () => {
    const cache = new LRUCache<string, number>({ max: 10, ...goodFor(20) });
    cache.set('a', 1);
    expect(cache.get('a')).to.equal(1);
    await sleep(40);
    expect(cache.get('a')).to.equal(undefined);
  });

  it('sets no timer when it is looked into, as it would by default', () => {
    const looksOf = (options: object) => () => {
      const cache = new LRUCache<string, number>({ max: 10, ttl: 60_000, ...options });
      cache.set('a', 1);
      cache.get('a');
    };
    expect([timersOf(looksOf({})), timersOf(looksOf(goodFor(60_000)))]).to.deep.equal([1, 0]);
  });
});
