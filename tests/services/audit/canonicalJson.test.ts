import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { expect } from 'chai';
import { canonicalJson, NotCanonicalError, storableJson } from '../../../services/audit/canonicalJson.ts';
import vectors from '../../vectors/jcs.json' with { type: 'json' };

describe('canonical JSON (RFC 8785)', () => {
  for (const { name, input, output, sha256 } of vectors.cases) {
    it(`writes ${name}`, () => {
      const text = canonicalJson(JSON.parse(input));
      expect(text).to.equal(output);
      expect(createHash('sha256').update(text, 'utf8').digest('hex')).to.equal(sha256);
    });
  }

  for (const { ieee754, expected } of vectors.numbers) {
    it(`writes the number ${ieee754} as ${expected}`, () => {
      expect(canonicalJson(Buffer.from(ieee754, 'hex').readDoubleBE())).to.equal(expected);
    });
  }

  for (const { name, input, why } of vectors.errors.filter(({ level }) => level !== 'parser')) {
    it(`refuses ${name}: ${why}`, () => {
      expect(() => canonicalJson(JSON.parse(input))).to.throw(NotCanonicalError);
    });
  }

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  for (const [name, value] of Object.entries({
    'an unpaired surrogate in a name': { '\udc00': 1 },
    NaN: [Number.NaN],
    undefined: undefined,
    'a cycle': circular,
    'a bigint': [1n],
  })) {
    it(`refuses ${name}`, () => {
      expect(() => canonicalJson(value)).to.throw(NotCanonicalError);
    });
  }

  for (const [name, value] of Object.entries({
    'in a value': { a: 'x\u0000y' },
    'in a name': { 'x\u0000': 1 },
    'after backslashes': ['\\\\\u0000'],
  })) {
    it(`refuses to store U+0000 ${name}`, () => {
      expect(() => storableJson(value)).to.throw(NotCanonicalError, /U\+0000/);
    });
  }

  it('does not mistake a backslash before "u0000" for U+0000', () => {
    expect(storableJson('\\u0000')).to.equal('"\\\\u0000"');
    expect(storableJson('\\\\u0000')).to.equal('"\\\\\\\\u0000"');
  });

  it('writes what the library writes, whatever the order of names and the depth', () => {
    const random = seeded(20_261_121);
    const names = ['b', 'a', '10', '9', 'é', '😀', 'a\u20ac', '', '_sd', 'A'];
    const value = (depth: number): unknown => {
      const kind = random(depth > 4 ? 5 : 7);
      if (kind === 5) return Array.from({ length: random(4) }, () => value(depth + 1));
      if (kind === 6) return Object.fromEntries(Array.from({ length: random(5) }, () => [names[random(names.length)]!, value(depth + 1)]));
      return [null, random(2) === 1, (random(2_000_001) - 1_000_000) / (random(7) + 1), names[random(names.length)], -0][kind];
    };
    for (let n = 0; n < 2_000; n += 1) {
      const made = value(0);
      expect(canonicalJson(made)).to.equal(canonicalize(made));
    }
  });
});

/** Numbers from 0 to limit - 1, the same in each run (mulberry32). */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
