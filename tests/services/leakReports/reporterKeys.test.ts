import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { readReporterKeys } from '../../../server/reporterKeys.ts';

const spki = ({ publicKey }: { publicKey: KeyObject }): string => publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const p256 = spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

describe('keys of those who report leaks', () => {
  it('are ECDSA P-256 or Ed25519, each under an id of its own', () => {
    const ed25519 = spki(generateKeyPairSync('ed25519'));
    expect([...readReporterKeys(`a:${p256}, b-2.c:${ed25519}`)!.keys()]).to.deep.equal(['a', 'b-2.c']);
  });

  it('are refused as a whole when one is of another kind, cannot be read, or has the id of another', () => {
    const others = [
      `a:${spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }))}`,
      `a:${spki(generateKeyPairSync('rsa', { modulusLength: 2_048 }))}`,
      `a:${p256.slice(0, 40)}`,
      `a:${p256},a:${p256}`,
      `:${p256}`,
      `a:${p256},`,
      'a:secret',
    ];
    for (const text of others) expect(readReporterKeys(text), text.slice(0, 30)).to.equal(null);
  });
});
