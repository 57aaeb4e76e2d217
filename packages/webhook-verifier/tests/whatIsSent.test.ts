import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { newSigningKeyPair, newSigningSecret, signatureHeader } from '../../../services/webhooks/sign.ts';
import vectors from '../../../tests/vectors/standard-webhooks.json' with { type: 'json' };
import { createWebhookVerifier } from '../src/index.ts';
import { codeOf } from './codeOf.ts';

const NOW = 1_793_612_458;
const ID = 'evt_01k0501z00e00800000000003h';
const BODY = '{"type":"lead.created","data":{"name":"Zoë 漢字 🚀"}}';
const now = (): number => NOW * 1_000 + 999;

/** What the platform sends, signed by its own code. */
function sent(secrets: string[], body: string | Uint8Array = BODY, timestampSeconds = NOW): Record<string, string> {
  return {
    'webhook-id': ID,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatureHeader(secrets, { id: ID, timestampSeconds, body }),
  };
}

describe('webhook verifier: what the platform sends', () => {
  it('verifies every signing vector, as bytes and as text', () => {
    for (const vector of vectors.sign) {
      const bytes = vector.body === undefined ? Buffer.from(vector.bodyBase64!, 'base64') : Buffer.from(vector.body, 'utf8');
      const key = vector.scheme === 'v1' ? { secrets: [vector.secret] } : { publicKeys: [vector.secret] };
      const verifier = createWebhookVerifier({ ...key, now: () => vector.timestamp * 1_000 });
      const headers = { 'webhook-id': vector.id, 'webhook-timestamp': String(vector.timestamp), 'webhook-signature': vector.signature };
      for (const body of [bytes, new Uint8Array(bytes), ...(vector.body === undefined ? [] : [vector.body])]) {
        expect(verifier.verify(headers, body).id, vector.name).to.equal(vector.id);
      }
    }
  });

  it('verifies v1 and v1a with old and new keys while a rotation overlaps', () => {
    const [older, newer] = [newSigningSecret(), newSigningSecret()];
    const pair = newSigningKeyPair();
    const headers = sent([newer, pair.secret, older]);
    for (const keys of [{ secrets: [older] }, { secrets: [newSigningSecret(), newer] }, { publicKeys: [pair.publicKey] }]) {
      expect(createWebhookVerifier({ ...keys, now }).verify(headers, BODY).id).to.equal(ID);
    }
    expect(codeOf(() => createWebhookVerifier({ secrets: [newSigningSecret()], now }).verify(headers, BODY))).to.equal(
      'signature_mismatch',
    );
  });

  it('verifies bytes that are no text', () => {
    const secret = newSigningSecret();
    const body = randomBytes(4_096);
    const verifier = createWebhookVerifier({ secrets: [secret], now });
    expect(verifier.verify(sent([secret], body), body).id).to.equal(ID);
    expect(codeOf(() => verifier.verify(sent([secret], body), body.toString('utf8')))).to.equal('signature_mismatch');
  });

  it('notices any changed byte of body, id and signature', () => {
    const secret = newSigningSecret();
    const verifier = createWebhookVerifier({ secrets: [secret], now });
    const headers = sent([secret]);
    const body = Buffer.from(BODY);
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      changed[at]! ^= 1;
      expect(codeOf(() => verifier.verify(headers, changed))).to.equal('signature_mismatch');
    }
    const signature = headers['webhook-signature']!;
    for (let at = 3; at < signature.length - 2; at++) {
      const other = signature[at] === 'A' ? 'B' : 'A';
      const changed = { ...headers, 'webhook-signature': signature.slice(0, at) + other + signature.slice(at + 1) };
      expect(codeOf(() => verifier.verify(changed, body))).to.equal('signature_mismatch');
    }
  });
});
