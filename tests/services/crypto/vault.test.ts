import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createVault, VaultError } from '../../../services/crypto/vault.ts';

const V1 = `v1:${Buffer.alloc(32, 1).toString('base64')}`;
const V2 = `v2:${Buffer.alloc(32, 2).toString('base64')}`;
const CONTEXT = 'webhook_secret:org:row';

describe('vault', () => {
  const vault = createVault(V1);

  it('opens what it sealed, text and bytes, empty and large', () => {
    for (const plaintext of [Buffer.alloc(0), Buffer.from('ä€🚀'), randomBytes(1_000_000)]) {
      expect(vault.open(vault.seal(plaintext, CONTEXT), CONTEXT).equals(plaintext)).to.equal(true);
    }
    expect(vault.open(vault.seal('whsec_ä', CONTEXT), CONTEXT).toString('utf8')).to.equal('whsec_ä');
  });

  it('never gives the same envelope twice', () => {
    expect(vault.seal('same', CONTEXT).equals(vault.seal('same', CONTEXT))).to.equal(false);
  });

  it('lays the envelope out as version, key id, nonce, ciphertext and tag', () => {
    const sealed = vault.seal('12345', CONTEXT);
    expect(sealed[0]).to.equal(1);
    expect(sealed[1]).to.equal(2);
    expect(sealed.toString('ascii', 2, 4)).to.equal('v1');
    expect(sealed.length).to.equal(4 + 24 + 5 + 16);
  });

  it('refuses another context, so that a ciphertext moved to another row does not open', () => {
    const sealed = vault.seal('secret', CONTEXT);
    expect(() => vault.open(sealed, 'webhook_secret:org:other')).to.throw(VaultError, /another context/);
  });

  it('refuses an envelope in which any single bit was changed, or that was cut anywhere', () => {
    const sealed = vault.seal('secret', CONTEXT);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => vault.open(altered, CONTEXT), `bit ${bit}`).to.throw(VaultError);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => vault.open(sealed.subarray(0, length), CONTEXT), `length ${length}`).to.throw(VaultError);
    }
  });

  it('seals with the newest key and still opens what an older one sealed', () => {
    const old = vault.seal('before the rotation', CONTEXT);
    const rotated = createVault(`${V2},${V1}`);
    expect(rotated.currentKeyId).to.equal('v2');
    expect(rotated.keyIdOf(old)).to.equal('v1');
    expect(rotated.keyIdOf(rotated.seal('x', CONTEXT))).to.equal('v2');
    expect(rotated.open(old, CONTEXT).toString()).to.equal('before the rotation');
  });

  it('names the key id that is missing, and nothing secret', () => {
    const sealed = createVault(V2).seal('secret', CONTEXT);
    expect(() => vault.open(sealed, CONTEXT)).to.throw(VaultError, /key "v2".*ENCRYPTION_KEYS/);
  });

  it('refuses one key id under another key', () => {
    const impostor = createVault(`v1:${Buffer.alloc(32, 9).toString('base64')}`);
    expect(() => impostor.open(vault.seal('secret', CONTEXT), CONTEXT)).to.throw(VaultError);
  });

  it('derives different keys for different purposes, and the same after a newer master key was added', () => {
    const derived = vault.derive('cursor');
    expect(derived.length).to.equal(32);
    expect(derived.equals(vault.derive('other'))).to.equal(false);
    expect(createVault(`${V2},${V1}`).derive('cursor').equals(derived)).to.equal(true);
  });

  for (const [keys, reason] of [
    ['', /not "<id>:<base64>"/],
    ['v1:AAAA', /3 bytes instead of 32/],
    [`${V1},${V1}`, /"v1" twice/],
    [`v 1:${Buffer.alloc(32).toString('base64')}`, /not "<id>:<base64>"/],
  ] as const) {
    it(`refuses ENCRYPTION_KEYS "${keys.slice(0, 8)}…" with a reason that holds no key`, () => {
      expect(() => createVault(keys)).to.throw(VaultError, reason);
    });
  }
});
