import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { createSigner, newSigningKeyPair, newSigningSecret, signatureHeader, signV1, signV1a } from '../../../services/webhooks/sign.ts';
import { parseSigningKey } from '../../../services/webhooks/signingKey.ts';
import vectors from '../../vectors/standard-webhooks.json' with { type: 'json' };

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const bodyOf = (vector: { body?: string; bodyBase64?: string }): string | Buffer =>
  vector.body ?? Buffer.from(vector.bodyBase64!, 'base64');

describe('Standard Webhooks signatures', () => {
  describe('vectors: sign', () => {
    for (const vector of vectors.sign) {
      it(vector.name, () => {
        const message = { id: vector.id, timestampSeconds: vector.timestamp, body: bodyOf(vector) };
        expect((vector.scheme === 'v1' ? signV1 : signV1a)(vector.secret, message)).to.equal(vector.signature);
        expect(signatureHeader([vector.secret], message)).to.equal(vector.signature);
      });
    }
  });

  describe('vectors: refuse to sign', () => {
    for (const vector of vectors.refuseToSign) {
      it(vector.name, () => {
        expect(() => signV1(SECRET, { id: vector.id, timestampSeconds: vector.timestamp, body: '{}' })).to.throw(Error);
      });
    }
  });

  describe('vectors: keys', () => {
    for (const { key, valid, why } of vectors.keys) {
      it(`${valid ? 'accepts' : 'refuses'} ${key.slice(0, 5)}: ${why}`, () => {
        if (valid) return expect(parseSigningKey(key)).to.be.an('object');
        const encoded = key.slice(key.indexOf('_') + 1);
        return expect(() => parseSigningKey(key))
          .to.throw(Error)
          .with.property('message')
          .that.satisfies((text: string) => encoded === '' || !text.includes(encoded));
      });
    }
  });

  it('is accepted by the reference library, also while two secrets overlap', () => {
    const [older, newer] = [newSigningSecret(), newSigningSecret()];
    const body = '{"type":"lead.created","data":{"name":"Zoë 漢字 🚀"}}';
    const message = { id: 'evt_01h455vb4pex5vsknk084sn02q', timestampSeconds: Math.floor(Date.now() / 1000), body };
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestampSeconds),
      'webhook-signature': signatureHeader([newer, older], message),
    };
    expect(new Webhook(older).verify(body, headers)).to.deep.equal(JSON.parse(body));
    expect(new Webhook(newer).verify(body, headers)).to.deep.equal(JSON.parse(body));
    expect(() => new Webhook(newSigningSecret()).verify(body, headers)).to.throw();
    expect(() => new Webhook(newer).verify(`${body} `, headers)).to.throw();
  });

  it('signs v1a with a new pair so that its public half verifies', () => {
    const { secret, publicKey } = newSigningKeyPair();
    const signature = signV1a(secret, { id: 'evt_1', timestampSeconds: 1, body: 'x' });
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey.slice(5), 'base64')]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verifySignature(null, Buffer.from('evt_1.1.x'), key, Buffer.from(signature.slice(4), 'base64'))).to.equal(true);
  });

  it('makes secrets of 32 random bytes', () => {
    expect(newSigningSecret()).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSigningSecret()).not.to.equal(newSigningSecret());
  });

  it('refuses to sign with nothing, with a public key, or with the other scheme', () => {
    const message = { id: 'evt_1', timestampSeconds: 1, body: '' };
    const { secret, publicKey } = newSigningKeyPair();
    expect(() => createSigner([])).to.throw(/no secret/);
    expect(() => createSigner([publicKey])(message)).to.throw(/public key cannot sign/);
    expect(() => signV1(secret, message)).to.throw(/whsec_/);
    expect(() => signV1a(SECRET, message)).to.throw(/whsk_/);
  });
});
