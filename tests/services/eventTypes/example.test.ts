import { expect } from 'chai';
import { BUILT_IN_EXAMPLES } from '../../../services/eventTypes/example/builtIn.ts';
import { generateExample } from '../../../services/eventTypes/example/generate.ts';
import { EVENT_TYPES } from '../../../services/eventTypes/registry.ts';
import { compileSchema } from '../../../services/eventTypes/schema/compile.ts';
import type { JsonSchema } from '../../../services/eventTypes/schema/compile.ts';

const field = (schema: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  required: ['a'],
  properties: { a: schema },
  additionalProperties: false,
  ...more,
});
const text = (pattern: string): JsonSchema => field({ type: 'string', pattern });
const formats =
  'date-time date time duration email hostname ipv4 ipv6 uri uri-reference uri-template uuid json-pointer relative-json-pointer regex byte url';

/** What people write in schemas of events, and each keyword of draft 2020-12 that says what data looks like. */
const SCHEMAS: Record<string, JsonSchema> = {
  'no type at the root': { required: ['a'], properties: { a: { type: 'integer' } } },
  'const and enum': { type: 'object', required: ['a', 'b'], properties: { a: { const: 7 }, b: { enum: ['x', 'y'] } } },
  'bounds of a number': field({ type: 'number', exclusiveMinimum: 0.4, exclusiveMaximum: 0.5 }),
  'bounds of an integer': field({ type: 'integer', maximum: -5 }),
  multipleOf: field({ type: 'integer', multipleOf: 7, minimum: 1, maximum: 20 }),
  'lengths of a text': field({ type: 'string', minLength: 3, maxLength: 3 }),
  'a pattern with classes': text('^inv_[0-9a-z]{8,26}$'),
  'a pattern with a choice': text('^(EUR|USD)-[A-Z]{3}$'),
  'a pattern with escapes': text('^\\+?[1-9]\\d{1,14}$'),
  'several types': field({ type: ['null', 'string'] }),
  'a list with bounds': field({ type: 'array', minItems: 2, maxItems: 2, items: { type: 'boolean' } }),
  'a list without repeats': field({ type: 'array', uniqueItems: true, minItems: 3, items: { type: 'string' } }),
  'a tuple': field({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 }),
  contains: field({ type: 'array', contains: { const: 5 }, items: { type: 'integer' } }),
  allOf: {
    allOf: [field({ type: 'integer' }, { additionalProperties: true }), { required: ['b'], properties: { b: { type: 'string' } } }],
  },
  'oneOf with exclusive fields': {
    type: 'object',
    oneOf: [
      { required: ['card'], properties: { card: { type: 'string', pattern: '^\\d{4}$' } } },
      { required: ['iban'], properties: { iban: { type: 'string' } } },
    ],
  },
  anyOf: field({ anyOf: [{ type: 'null' }, { type: 'string', minLength: 1 }] }),
  'if and then': {
    type: 'object',
    required: ['a'],
    properties: { a: { enum: ['x'] } },
    if: { required: ['a'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { required: ['b'] },
  },
  not: field({ type: 'string', not: { enum: ['', 'string'] } }),
  'references to references': {
    $ref: '#/$defs/a',
    $defs: {
      a: { $ref: '#/$defs/b' },
      b: field({ $ref: '#/$defs/c' }),
      c: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
    },
  },
  'a tree of itself': {
    $ref: '#/$defs/node',
    $defs: {
      node: field(
        { type: 'string' },
        { properties: { a: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } } },
      ),
    },
  },
  'a list that ends itself': field({ anyOf: [{ $ref: '#' }, { type: 'null' }] }),
  dependentRequired: { type: 'object', required: ['a'], properties: { a: { type: 'string' } }, dependentRequired: { a: ['b'] } },
  unevaluatedProperties: {
    type: 'object',
    allOf: [field({ type: 'string' }, { additionalProperties: true })],
    unevaluatedProperties: false,
  },
  'additional properties': { type: 'object', minProperties: 3, additionalProperties: { type: 'integer' } },
};

describe('examples of event types', () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`${name}: the example satisfies the schema, and is the same at every call`, () => {
      const example = generateExample(schema);
      expect(example, JSON.stringify(example)).to.have.property('data');
      if (!('data' in example)) return;
      expect(compileSchema(schema, { trusted: false })(example.data, 'data')).to.deep.equal([]);
      expect(generateExample(schema)).to.deep.equal(example);
    });
  }

  for (const format of formats.split(' ')) {
    it(`format ${format}: has an example, and no address in it is anybody's`, () => {
      const example = generateExample(field({ type: 'string', format }));
      expect(example, JSON.stringify(example)).to.have.property('data');
      const value = 'data' in example ? String((example.data as { a: unknown }).a) : '';
      if (value.includes('@') || value.includes('://') || format === 'hostname') expect(value).to.match(/\bexample\.com\b/);
    });
  }

  it('what the schema says itself comes first: its first example that satisfies it, then its default', () => {
    const schema = field({ type: 'integer' }, { examples: [{ a: 'no integer' }, { a: 42 }], default: { a: 1 } });
    expect(generateExample(schema)).to.deep.equal({ data: { a: 42 } });
    expect(generateExample(field({ type: 'integer' }, { default: { a: 1 } }))).to.deep.equal({ data: { a: 1 } });
    expect(generateExample(field({ type: 'string', examples: ['Ada'] }))).to.deep.equal({ data: { a: 'Ada' } });
  });

  it('does not pretend: what cannot be made comes back as the fault of the last try', () => {
    const example = generateExample(text('^(?=.*xyz)[a-z]{30}$'));
    expect(example).to.have.property('faults');
    if ('faults' in example) expect(example.faults[0]).to.include({ location: 'data.a' });
    expect(generateExample({ type: 'string' })).to.have.property('faults');
  });

  it('lists within lists are multiplied: what asks for a giant in this way is refused before anything is made', () => {
    const nested = (minItems: number) => {
      const list = (items: JsonSchema): JsonSchema => ({ type: 'array', minItems, items });
      return field(list(list(list({ type: 'boolean' }))));
    };
    const faults = [{ location: 'data', message: 'the schema asks for more than an example can show' }];
    expect(generateExample(nested(1_000))).to.deep.equal({ faults });
    expect(generateExample(nested(22))).to.deep.equal({ faults });
    expect(generateExample(nested(5))).to.have.property('data');
  });

  it('a schema that asks for a giant or never ends costs bounded time and memory', () => {
    const twice = (next: number) => ({ properties: { l: { $ref: `#/$defs/d${next}` }, r: { $ref: `#/$defs/d${next}` } }, type: 'object' });
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d${i}`, i === 39 ? { type: 'string' } : twice(i + 1)]));
    const giants = [text('^a{30000000}$'), field({ type: 'array', minItems: 1e9, items: {} }), field({ type: 'string', minLength: 1e9 })];
    for (const schema of [...giants, { $ref: '#/$defs/d0', $defs }]) {
      const [before, started] = [process.memoryUsage().rss, performance.now()];
      generateExample(schema);
      expect(performance.now() - started).to.be.below(2_000);
      expect(process.memoryUsage().rss - before).to.be.below(200 * 1024 * 1024);
    }
  });

  it('every built-in type has one', () => {
    const types = [...EVENT_TYPES.values()].filter(({ kind }) => kind !== 'test').map(({ name }) => name);
    expect(Object.keys(BUILT_IN_EXAMPLES)).to.have.members(types);
  });
});
