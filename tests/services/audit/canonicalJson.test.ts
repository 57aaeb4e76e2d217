import { createHash } from 'node:crypto';
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
});
