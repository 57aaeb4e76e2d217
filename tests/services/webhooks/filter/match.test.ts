import { expect } from 'chai';
import { compileFilter } from '../../../../services/webhooks/filter/match.ts';
import { parseFilter } from '../../../../services/webhooks/filter/parse.ts';

const LEAD = {
  score: 50,
  rating: -1.5,
  zero: 0,
  country: 'DE',
  email: 'ada@example.com',
  empty: '',
  won: true,
  lost: false,
  nothing: null,
  tags: ['vip', 'webinar'],
  scores: [5, 30, 90],
  none: [],
  owner: { name: 'Zoë 東京', address: { city: 'Berlin' } },
  items: [{ sku: 'a' }, { sku: 'b', price: 12 }],
  'first name': 'Ada',
};

/** filter, whether LEAD passes */
const CASES: [filter: object, passes: boolean][] = [
  // equality
  [{ 'data.country': 'DE' }, true],
  [{ 'data.country': 'de' }, false],
  [{ 'data.country': 'D' }, false],
  [{ 'data.score': 50 }, true],
  [{ 'data.score': '50' }, false],
  [{ 'data.score': 50.5 }, false],
  [{ 'data.zero': 0 }, true],
  [{ 'data.zero': false }, false],
  [{ 'data.zero': '' }, false],
  [{ 'data.empty': '' }, true],
  [{ 'data.won': true }, true],
  [{ 'data.won': 1 }, false],
  [{ 'data.lost': false }, true],
  [{ 'data.nothing': null }, true],
  [{ 'data.missing': null }, false],
  [{ 'data.owner': 'Zoë 東京' }, false],
  // paths
  [{ 'data.owner.name': 'Zoë 東京' }, true],
  [{ 'data.owner.address.city': 'Berlin' }, true],
  [{ 'data.owner.address.city.length': 6 }, false],
  [{ 'data.first name': 'Ada' }, true],
  [{ 'data.items.1.sku': 'b' }, true],
  [{ 'data.items.0.sku': 'b' }, false],
  [{ 'data.items.01.sku': 'b' }, false],
  [{ 'data.items.-1.sku': 'b' }, false],
  [{ 'data.items.2.sku': 'b' }, false],
  [{ 'data.tags.0': 'vip' }, true],
  [{ 'data.country.0': 'D' }, false],
  // in
  [{ 'data.country': { in: ['FR', 'DE'] } }, true],
  [{ 'data.country': { in: ['FR'] } }, false],
  [{ 'data.score': { in: ['50', 50] } }, true],
  [{ 'data.nothing': { in: [null] } }, true],
  [{ 'data.missing': { in: [null, ''] } }, false],
  // exists
  [{ 'data.tags': { exists: true } }, true],
  [{ 'data.none': { exists: true } }, true],
  [{ 'data.nothing': { exists: true } }, true],
  [{ 'data.missing': { exists: true } }, false],
  [{ 'data.missing': { exists: false } }, true],
  [{ 'data.owner.address.zip': { exists: false } }, true],
  [{ 'data.score': { exists: false } }, false],
  [{ 'data.score': { exists: true, gte: 50 } }, true],
  // prefix
  [{ 'data.email': { prefix: 'ada@' } }, true],
  [{ 'data.email': { prefix: 'Ada@' } }, false],
  [{ 'data.email': { prefix: 'da@' } }, false],
  [{ 'data.score': { prefix: '5' } }, false],
  [{ 'data.owner.name': { prefix: 'Zoë 東' } }, true],
  // numbers
  [{ 'data.score': { gte: 50 } }, true],
  [{ 'data.score': { gt: 50 } }, false],
  [{ 'data.score': { gt: 49.99 } }, true],
  [{ 'data.score': { lte: 50 } }, true],
  [{ 'data.score': { lt: 50 } }, false],
  [{ 'data.score': { gte: 40, lt: 60 } }, true],
  [{ 'data.score': { gte: 40, lt: 50 } }, false],
  [{ 'data.rating': { lt: 0 } }, true],
  [{ 'data.rating': { gte: -1.5 } }, true],
  [{ 'data.country': { gte: 0 } }, false],
  [{ 'data.nothing': { lte: 0 } }, false],
  [{ 'data.won': { gte: 1 } }, false],
  [{ 'data.missing': { lt: 1 } }, false],
  // lists: one entry passes every test
  [{ 'data.tags': 'vip' }, true],
  [{ 'data.tags': 'none' }, false],
  [{ 'data.tags': { in: ['x', 'webinar'] } }, true],
  [{ 'data.tags': { prefix: 'web' } }, true],
  [{ 'data.scores': { gt: 80 } }, true],
  [{ 'data.scores': { gt: 10, lt: 40 } }, true],
  [{ 'data.scores': { gt: 40, lt: 80 } }, false],
  [{ 'data.none': { in: [null, ''] } }, false],
  // all entries of an object, and, or, not
  [{ 'data.score': { gte: 50 }, 'data.country': 'DE' }, true],
  [{ 'data.score': { gte: 50 }, 'data.country': 'FR' }, false],
  [{ and: [{ 'data.score': 50 }, { 'data.won': true }] }, true],
  [{ and: [{ 'data.score': 50 }, { 'data.won': false }] }, false],
  [{ or: [{ 'data.score': 1 }, { 'data.won': true }] }, true],
  [{ or: [{ 'data.score': 1 }, { 'data.won': false }] }, false],
  [{ 'data.country': 'DE', or: [{ 'data.score': 1 }] }, false],
  [{ not: { 'data.country': 'FR' } }, true],
  [{ not: { 'data.country': 'DE' } }, false],
  [{ not: { 'data.missing': 'x' } }, true],
  [{ not: { 'data.country': 'DE', 'data.score': 1 } }, true],
  [{ not: { or: [{ 'data.country': 'DE' }, { 'data.score': 1 }] } }, false],
  [{ or: [{ and: [{ 'data.score': 1 }] }, { not: { not: { 'data.won': true } } }] }, true],
  // own properties only
  [{ 'data.constructor': { exists: true } }, false],
  [{ 'data.__proto__': { exists: true } }, false],
  [{ 'data.__proto__.constructor.name': 'Object' }, false],
  [{ 'data.toString': { exists: true } }, false],
  [{ 'data.tags.length': 2 }, false],
  [{ 'data.country.length': 2 }, false],
];

describe('payload filter: matching', () => {
  for (const [filter, passes] of CASES) {
    it(`${JSON.stringify(filter)} ${passes ? 'passes' : 'holds back'}`, () => {
      expect(parseFilter(filter, 'body.filter').faults).to.equal(null);
      expect(compileFilter(filter)(LEAD)).to.equal(passes);
      // As it comes out of the database.
      expect(compileFilter(JSON.parse(JSON.stringify(filter)))(LEAD)).to.equal(passes);
    });
  }

  it('no filter passes everything; one that cannot be read holds nothing back', () => {
    expect(compileFilter(null)({})).to.equal(true);
    expect(compileFilter({ 'data.a': { newer: 1 } })({})).to.equal(true);
  });

  it('never throws, and answers alike each time, whatever filter and data are (seeded)', () => {
    const random = seeded(20_261_121);
    let [passed, read] = [0, 0];
    const odd: object[] = [];
    for (let round = 0; round < 5_000; round += 1) {
      const [filter, data] = [anyFilter(random, 4), anyValue(random, 4)];
      if (parseFilter(filter, 'body.filter').faults === null) read += 1;
      const accepts = compileFilter(filter);
      const answer = accepts(data as object);
      if (typeof answer !== 'boolean' || accepts(data as object) !== answer) odd.push({ filter, data });
      passed += Number(answer);
    }
    expect(odd).to.deep.equal([]);
    expect(read).to.be.greaterThan(500);
    expect(passed).to.be.within(250, 4_999);
  });

  it('100 conditions on a large event take far less than a millisecond', () => {
    const accepts = compileFilter({ and: Array.from({ length: 100 }, (_, index) => ({ [`data.field${index}`]: { gte: 0 } })) });
    const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, index]));
    accepts(data);
    const start = performance.now();
    for (let round = 0; round < 200; round += 1) accepts(data);
    expect((performance.now() - start) / 200).to.be.lessThan(1);
  });
});

type Random = () => number;

/** mulberry32 */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const NAMES = ['a', 'b', '0', '1', 'length', '__proto__', 'constructor', 'toString', 'é', ' '];

function anyValue(random: Random, depth: number): unknown {
  const kind = depth === 0 ? 0 : random();
  if (kind < 0.4) return pick(random, [null, true, false, 0, -0, 1, 1.5, -7, 1e308, '', 'a', 'ab', '1', '\ud800', undefined]);
  const parts = Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth - 1));
  // defineProperty: an own "__proto__" as JSON.parse makes it.
  return kind < 0.6 ? parts : objectOf(parts.map((part) => [pick(random, NAMES), part]));
}

function objectOf(entries: [string, unknown][]): object {
  const object = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

function anyFilter(random: Random, depth: number): unknown {
  if (random() < 0.05) return anyValue(random, depth);
  const entries = Array.from({ length: 1 + Math.floor(random() * 2) }, (): [string, unknown] => {
    const kind = depth === 0 ? 1 : random();
    if (kind < 0.15) return ['not', anyFilter(random, depth - 1)];
    if (kind < 0.4) return [pick(random, ['and', 'or']), [anyFilter(random, depth - 1), anyFilter(random, depth - 1)]];
    const steps = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, NAMES));
    return [`data.${steps.join('.')}`, anyCondition(random)];
  });
  return objectOf(entries);
}

function anyCondition(random: Random): unknown {
  if (random() < 0.3) return anyValue(random, 0);
  const operator = pick(random, ['in', 'exists', 'prefix', 'gt', 'gte', 'lt', 'lte']);
  if (operator === 'in') return { in: [pick(random, [1, 'a', null]), true] };
  if (operator === 'exists') return { exists: random() < 0.5 };
  return { [operator]: operator === 'prefix' ? pick(random, ['a', 'ab']) : random() * 10 - 5 };
}
