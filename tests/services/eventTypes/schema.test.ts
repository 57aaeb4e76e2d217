import { expect } from 'chai';
import { checkAll, compileSchema } from '../../../services/eventTypes/schema/compile.ts';
import type { JsonSchema } from '../../../services/eventTypes/schema/compile.ts';
import { withinTime } from '../../../services/eventTypes/schema/timeLimit.ts';

const faults = (schema: JsonSchema, data: unknown) =>
  checkAll([{ validate: compileSchema(schema, { trusted: true }), data, location: 'body.data' }])[0];

describe('event types: schemas', () => {
  const cases: [what: string, schema: JsonSchema, data: unknown, places: string[]][] = [
    ['nothing is wrong', { type: 'object' }, {}, []],
    ['a part with a dot or a slash keeps its name', { properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 1 }, ['body.data.a/b~c']],
    ['prefixItems of 2020-12', { properties: { a: { prefixItems: [{ type: 'string' }] } } }, { a: [1] }, ['body.data.a.0']],
    ['unevaluatedProperties', { allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1, b: 2 }, ['body.data.b']],
    ['dependentRequired', { dependentRequired: { a: ['b'] } }, { a: 1 }, ['body.data.b']],
    ['what is inherited does not count', { required: ['toString'] }, {}, ['body.data.toString']],
    [
      'a reference to itself',
      { $ref: '#/$defs/t', $defs: { t: { properties: { t: { $ref: '#/$defs/t' } }, maxProperties: 1 } } },
      { t: { t: { a: 1, b: 2 } } },
      ['body.data.t.t'],
    ],
  ];
  for (const [what, schema, data, places] of cases) {
    it(what, () => expect(faults(schema, data)?.map(({ location }) => location)).to.deep.equal(places));
  }

  it('names at most 20 places', () => {
    expect(
      faults({ additionalProperties: { type: 'string' } }, Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`k${i}`, i]))),
    ).to.have.length(20);
  });

  it('references of exponential size are broken off within the limit, and what comes after them in the request is refused too', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `d${i}`,
        i === 39 ? { type: 'number' } : { anyOf: Array(2).fill({ $ref: `#/$defs/d${i + 1}` }) },
      ]),
    );
    const slow = compileSchema({ $ref: '#/$defs/d0', $defs }, { trusted: false });
    const quick = compileSchema({ type: 'object' }, { trusted: true });
    const start = performance.now();
    const results = checkAll(
      [quick, slow, quick].map((validate, index) => ({ validate, data: {}, location: `body.events.${index}.data` })),
    );
    expect(performance.now() - start).to.be.lessThan(1_500);
    expect(results.map((each) => each.map(({ location }) => location))).to.deep.equal([[], ['body.events.1.data'], ['body.events.2.data']]);
    expect(checkAll([{ validate: quick, data: {}, location: 'body.data' }])).to.deep.equal([[]]);
  });

  it('the time limit hands out what work returns and throws', () => {
    expect(withinTime(1_000, () => 7)).to.deep.equal({ value: 7 });
    expect(() => withinTime(1_000, () => JSON.parse('{') as unknown)).to.throw(SyntaxError);
    expect(
      withinTime(20, () => {
        for (;;);
      }),
    ).to.equal(undefined);
  });
});
