import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import {
  decodeDisclosure,
  digestOf,
  discloseSealed,
  encodeDisclosure,
  openDisclosure,
  subjectKey,
} from '../../../services/audit/disclosure.ts';
import vectors from '../../vectors/sd-jwt.json' with { type: 'json' };

const ENTRY = '01936e5c-7a00-7abc-8def-0123456789ab';
const OTHER_ENTRY = '01936e5c-7a00-7abc-8def-0123456789ac';

describe('disclosures (RFC 9901)', () => {
  for (const { name, disclosureJson, disclosure, digest } of vectors.cases) {
    it(`encodes and hashes ${name}`, () => {
      expect(encodeDisclosure(disclosureJson)).to.equal(disclosure);
      expect(digestOf(disclosure)).to.equal(digest);
    });
  }

  const raw = randomBytes(32);
  const key = subjectKey('ref', raw);

  it('opens to the bytes that were committed to', () => {
    const { digest, sealed, subjectRef } = discloseSealed(key, ENTRY, 'actor', { name: 'Zoë', ip: '192.0.2.1' });
    const encoded = openDisclosure(key, ENTRY, 'actor', sealed);
    expect(digestOf(encoded)).to.equal(digest);
    expect(subjectRef).to.equal('ref');
    const [salt, path, value] = decodeDisclosure(encoded);
    expect([path, value]).to.deep.equal(['actor', { name: 'Zoë', ip: '192.0.2.1' }]);
    const place = Buffer.concat([Buffer.from(ENTRY.replaceAll('-', ''), 'hex'), Buffer.from('actor')]);
    expect(salt).to.equal(createHmac('sha256', raw).update(place).digest().subarray(0, 16).toString('base64url'));
  });

  it('gives equal values different digests in other entries, paths and subjects, so that none can be guessed from another', () => {
    const value = { ip: '192.0.2.1' };
    const digests = [
      discloseSealed(key, ENTRY, 'actor', value),
      discloseSealed(key, OTHER_ENTRY, 'actor', value),
      discloseSealed(key, ENTRY, 'targets/0', value),
      discloseSealed(subjectKey('ref', randomBytes(32)), ENTRY, 'actor', value),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).to.equal(4);
  });

  it('opens neither under another subject, nor for another entry or path, nor altered', () => {
    const { sealed } = discloseSealed(key, ENTRY, 'actor', { name: 'Zoë' });
    expect(() => openDisclosure(subjectKey('ref', randomBytes(32)), ENTRY, 'actor', sealed)).to.throw();
    expect(() => openDisclosure(key, OTHER_ENTRY, 'actor', sealed)).to.throw();
    expect(() => openDisclosure(key, ENTRY, 'chg', sealed)).to.throw();
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(() => openDisclosure(key, ENTRY, 'actor', altered), `byte ${at}`).to.throw();
    }
  });
});
