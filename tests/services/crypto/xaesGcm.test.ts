import { createHash, createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { xaesOpen, xaesSeal } from '../../../services/crypto/xaesGcm.ts';

// The two test vectors of https://c2sp.org/XAES-256-GCM (C2SP, CC BY 4.0): one for each value of the top bit that is doubled.
const NONCE = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
const VECTORS = [
  { key: 0x01, associated: '', sealed: 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271' },
  { key: 0x03, associated: 'c2sp.org/XAES-256-GCM', sealed: '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d' },
];

describe('XAES-256-GCM', () => {
  for (const { key, associated, sealed } of VECTORS) {
    it(`gives the ciphertext that the specification prints for key ${key}`, () => {
      const secret = createSecretKey(Buffer.alloc(32, key));
      const result = xaesSeal(secret, NONCE, Buffer.from('XAES-256-GCM'), Buffer.from(associated));
      expect(result.toString('hex')).to.equal(sealed);
      expect(xaesOpen(secret, NONCE, result, Buffer.from(associated)).toString()).to.equal('XAES-256-GCM');
    });
  }

  it('refuses a nonce of another length and a ciphertext shorter than its tag', () => {
    const secret = createSecretKey(createHash('sha256').update('key').digest());
    expect(() => xaesSeal(secret, Buffer.alloc(12), Buffer.alloc(1), Buffer.alloc(0))).to.throw(/24 bytes/);
    expect(() => xaesOpen(secret, NONCE, Buffer.alloc(15), Buffer.alloc(0))).to.throw(/shorter/);
  });
});
