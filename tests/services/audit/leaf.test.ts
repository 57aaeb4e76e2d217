import { expect } from 'chai';
import { NotCanonicalError } from '../../../services/audit/canonicalJson.ts';
import { leafData, leafHash, MAX_LEAF_BYTES } from '../../../services/audit/leaf.ts';
import vectors from '../../vectors/rfc6962.json' with { type: 'json' };

describe('audit leaf', () => {
  for (const { name, kind, dataHex, expected } of vectors.hasher.filter((entry) => entry.kind === 'leaf')) {
    it(`hashes as RFC 6962: ${name} (${kind})`, () => {
      expect(leafHash(Buffer.from(dataHex!, 'hex')).toString('hex')).to.equal(expected);
    });
  }

  vectors.treeR8.leavesHex.forEach((hex, i) => {
    it(`hashes leaf ${i} of the reference tree`, () => {
      expect(leafHash(Buffer.from(hex, 'hex')).toString('hex')).to.equal(vectors.treeR8.leafHashesHex[i]);
    });
  });

  for (const value of [0.5, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses the number ${value}, at any depth`, () => {
      expect(() => leafData({ a: [{ b: value }] })).to.throw(NotCanonicalError, /whole numbers/);
    });
  }

  it('takes whole numbers up to 2^53 - 1', () => {
    expect(leafData({ b: Number.MAX_SAFE_INTEGER, a: -1 }).toString()).to.equal('{"a":-1,"b":9007199254740991}');
  });

  it('takes 65,535 bytes, counted in UTF-8, and refuses one more', () => {
    const frame = '{"a":""}'.length;
    expect(leafData({ a: 'x'.repeat(MAX_LEAF_BYTES - frame) })).to.have.length(MAX_LEAF_BYTES);
    expect(() => leafData({ a: 'x'.repeat(MAX_LEAF_BYTES - frame + 1) })).to.throw(NotCanonicalError, /65536 bytes/);
    expect(() => leafData({ a: '€'.repeat(22_000) })).to.throw(NotCanonicalError);
  });
});
