import { expect } from 'chai';
import { digestApiKey, matchesDigest, newApiKey, parseApiKey } from '../../../services/apiKeys/format.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** mulberry32: a seeded generator, so that a failing mutation can be found again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const MUTATIONS: ((key: string, random: (below: number) => number) => string)[] = [
  (key, random) => replaceAt(key, random(key.length), BASE62[random(62)]!),
  (key, random) => replaceAt(key, random(key.length), String.fromCharCode(random(0x10000))),
  (key, random) => key.slice(0, random(key.length)),
  (key, random) => key.slice(random(key.length)),
  (key, random) => insertAt(key, random(key.length + 1), BASE62[random(62)]!),
  (key, random) => swapAt(key, random(key.length - 1)),
  (key) => key.replace('live', 'test'),
  (key) => key.toUpperCase(),
  (key, random) => insertAt(key, random(key.length + 1), ['\n', ' ', '\u0000', '_', '\u{1f680}'][random(5)]!),
  (key, random) => replaceAt(replaceAt(key, random(key.length), BASE62[random(62)]!), random(key.length), BASE62[random(62)]!),
];

const replaceAt = (text: string, at: number, char: string): string => text.slice(0, at) + char + text.slice(at + 1);
const insertAt = (text: string, at: number, char: string): string => text.slice(0, at) + char + text.slice(at);
const swapAt = (text: string, at: number): string => text.slice(0, at) + text[at + 1]! + text[at]! + text.slice(at + 2);

describe('API key format', () => {
  it('parses what it made, for both environments, with parts of fixed length', () => {
    for (const env of ['live', 'test'] as const) {
      const { key, keyId, secret, last4 } = newApiKey(env);
      expect(key).to.match(/^sk_(live|test)_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
      expect(parseApiKey(key)).to.deep.equal({ env, keyId, secret });
      expect(secret).to.have.length(43);
      expect(key.endsWith(last4)).to.equal(true);
    }
  });

  it('keeps its spelling for ever: a key with known parts carries this checksum', () => {
    const known = `sk_live_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    const valid = parseApiKey(`${known}3rHBWl`);
    expect(valid).to.deep.equal({ env: 'live', keyId: '0'.repeat(16), secret: 'A'.repeat(43) });
  });

  it('rejects 10,000 mutated keys without throwing', () => {
    const random = seeded(20_261_121);
    for (let round = 0; round < 10_000; round += 1) {
      const { key } = newApiKey('live');
      const mutated = MUTATIONS[round % MUTATIONS.length]!(key, random);
      expect(parseApiKey(mutated) !== null, `round ${round}: ${JSON.stringify(mutated)}`).to.equal(mutated === key);
    }
  });

  for (const text of ['', ' ', 'sk_live_', 'sk_prod_x_y', 'Bearer sk_live_', '_'.repeat(100), 'a'.repeat(1_000_000)]) {
    it(`rejects ${JSON.stringify(text.slice(0, 16))} (${text.length} characters)`, () => {
      expect(parseApiKey(text)).to.equal(null);
    });
  }

  it('draws every base62 digit equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i += 1) for (const char of newApiKey('live').secret) counts.set(char, (counts.get(char) ?? 0) + 1);
    const expected = (3000 * 43) / 62;
    const chiSquare = BASE62.split('').reduce((sum, char) => sum + ((counts.get(char) ?? 0) - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: above 150 with a probability of about 2e-9; a plain `byte % 62` gives about 850.
    expect(chiSquare).to.be.below(150);
  });

  it('digests with the pepper, and compares digests of any length', () => {
    const digest = digestApiKey('p'.repeat(32), 'secret');
    expect(digest).to.have.length(32);
    expect(matchesDigest(digest, digestApiKey('p'.repeat(32), 'secret'))).to.equal(true);
    expect(matchesDigest(digest, digestApiKey('p'.repeat(32), 'Secret'))).to.equal(false);
    expect(matchesDigest(digest, digestApiKey('q'.repeat(32), 'secret'))).to.equal(false);
    expect(matchesDigest(digest, digest.subarray(1))).to.equal(false);
  });
});
