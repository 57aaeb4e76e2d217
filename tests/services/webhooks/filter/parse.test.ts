import { expect } from 'chai';
import { parseFilter } from '../../../../services/webhooks/filter/parse.ts';

const OPERATORS = 'in, exists, prefix, gt, gte, lt, lte';
const NOT_A_PATH = 'must be "and", "or", "not" or a path into the data, such as "data.score"';
const SCALAR = 'must be text, a number, true, false or null';
const TEXT = 'must be well-formed text of at most 1,000 characters without U+0000';

const nested = (levels: number): object => (levels === 1 ? { 'data.a': 1 } : { not: nested(levels - 1) });

/** filter, where the fault is (below `body.filter`), what is said */
const FAULTS: [filter: unknown, below: string, message: string][] = [
  ['data.a', '', 'must be an object of paths and conditions'],
  [[], '', 'must be an object of paths and conditions'],
  [7, '', 'must be an object of paths and conditions'],
  [{}, '', 'must hold at least one condition'],
  [{ score: 1 }, '.score', NOT_A_PATH],
  [{ data: 1 }, '.data', NOT_A_PATH],
  [{ 'data.': 1 }, '.data.', NOT_A_PATH],
  [{ 'data..a': 1 }, '.data..a', NOT_A_PATH],
  [{ 'data.a.': 1 }, '.data.a.', NOT_A_PATH],
  [{ 'data.a\0': 1 }, '.data.a\0', NOT_A_PATH],
  [{ 'Data.a': 1 }, '.Data.a', NOT_A_PATH],
  [{ 'type.a': 1 }, '.type.a', NOT_A_PATH],
  [{ AND: [] }, '.AND', NOT_A_PATH],
  [{ 'data.a': {} }, '.data.a', `must name an operator: ${OPERATORS}`],
  [{ 'data.a': { equals: 1 } }, '.data.a.equals', `is no operator; use one of: ${OPERATORS}`],
  [{ 'data.a': { constructor: 1 } }, '.data.a.constructor', `is no operator; use one of: ${OPERATORS}`],
  [{ 'data.a': [1] }, '.data.a', SCALAR],
  [{ 'data.a': 'x'.repeat(1_001) }, '.data.a', TEXT],
  [{ 'data.a': 'x\0' }, '.data.a', TEXT],
  [{ 'data.a': '\ud800' }, '.data.a', TEXT],
  [{ 'data.a': { in: [] } }, '.data.a.in', 'must be a list of 1 to 100 values'],
  [{ 'data.a': { in: 'DE' } }, '.data.a.in', 'must be a list of 1 to 100 values'],
  [{ 'data.a': { in: Array(101).fill(1) } }, '.data.a.in', 'must be a list of 1 to 100 values'],
  [{ 'data.a': { in: ['DE', {}] } }, '.data.a.in.1', SCALAR],
  [{ 'data.a': { in: ['DE', '\udfff'] } }, '.data.a.in.1', TEXT],
  [{ 'data.a': { exists: 'yes' } }, '.data.a.exists', 'must be true or false'],
  [{ 'data.a': { exists: null } }, '.data.a.exists', 'must be true or false'],
  [{ 'data.a': { prefix: '' } }, '.data.a.prefix', 'must be text that is not empty'],
  [{ 'data.a': { prefix: 5 } }, '.data.a.prefix', 'must be text that is not empty'],
  [{ 'data.a': { prefix: 'x\0' } }, '.data.a.prefix', TEXT],
  [{ 'data.a': { gte: '50' } }, '.data.a.gte', 'must be a number'],
  [{ 'data.a': { gt: null } }, '.data.a.gt', 'must be a number'],
  [{ 'data.a': { lt: Number.POSITIVE_INFINITY } }, '.data.a.lt', 'must be a number'],
  [{ 'data.a': { lte: [1] } }, '.data.a.lte', 'must be a number'],
  [{ or: [] }, '.or', 'must be a list of at least one filter'],
  [{ and: { 'data.a': 1 } }, '.and', 'must be a list of at least one filter'],
  [{ or: [{ 'data.a': 1 }, 'x'] }, '.or.1', 'must be an object of paths and conditions'],
  [{ or: [{ 'data.a': 1 }, {}] }, '.or.1', 'must hold at least one condition'],
  [{ not: [] }, '.not', 'must be an object of paths and conditions'],
  [{ not: { or: [{ a: 1 }] } }, '.not.or.0.a', NOT_A_PATH],
  [nested(9), '.not'.repeat(8), 'is nested more than 8 levels deep'],
  [{ or: Array(101).fill({ 'data.a': 1 }) }, '.or', 'has at most 100 filters'],
];

describe('payload filter: reading', () => {
  for (const [filter, below, message] of FAULTS) {
    it(`refuses ${JSON.stringify(filter).slice(0, 60)} at ${JSON.stringify(`body.filter${below}`)}`, () => {
      expect(parseFilter(filter, 'body.filter').faults).to.deep.equal([{ location: `body.filter${below}`, message }]);
    });
  }

  it('a path has at most 200 characters, and a longer one is not repeated as a whole', () => {
    const path = (length: number) => `data.${'x'.repeat(length - 5)}`;
    expect(parseFilter({ [path(200)]: 1 }, 'body.filter').faults).to.equal(null);
    expect(parseFilter({ [path(5_000)]: 1 }, 'body.filter').faults).to.deep.equal([
      { location: `body.filter.${path(200)}`, message: 'has at most 200 characters' },
    ]);
  });

  it('accepts 8 levels and 100 conditions, wherever they stand; refuses the 101st', () => {
    expect(parseFilter(nested(8), 'body.filter').faults).to.equal(null);
    const spread = (count: number) => ({
      or: [{ and: Array.from({ length: count - 2 }, () => ({ 'data.a': 1 })) }, { 'data.b': { gt: 1, lt: 5 } }],
    });
    expect(parseFilter(spread(100), 'body.filter').faults).to.equal(null);
    expect(parseFilter(spread(101), 'body.filter').faults).to.deep.equal([
      { location: 'body.filter', message: 'has at most 100 conditions' },
    ]);
  });

  it('names every fault at once, at most 50', () => {
    expect(parseFilter({ a: 1, 'data.b': { in: [] }, not: {} }, 'body.filter').faults?.map(({ location }) => location)).to.deep.equal([
      'body.filter.a',
      'body.filter.data.b.in',
      'body.filter.not',
    ]);
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x${index}`, 1]));
    expect(parseFilter(many, 'body.filter').faults).to.have.length(50);
  });
});
