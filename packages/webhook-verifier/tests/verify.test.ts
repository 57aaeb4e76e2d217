import { expect } from 'chai';
import vectors from '../../../tests/vectors/standard-webhooks.json' with { type: 'json' };
import { createWebhookVerifier, WebhookVerificationError } from '../src/index.ts';
import type { WebhookVerificationCode } from '../src/index.ts';
import { codeOf } from './codeOf.ts';

type Vector = (typeof vectors.verify)[number];

/** The reason that each refused vector must give; by the longest beginning of its name. */
const REASONS: Record<string, WebhookVerificationCode> = {
  'rotation/receiver-has-neither': 'signature_mismatch',
  'time/301-seconds-old': 'timestamp_too_old',
  'time/301-seconds-ahead': 'timestamp_too_new',
  'time/one-day-old-replay': 'timestamp_too_old',
  'time/header-rewritten-to-now': 'signature_mismatch',
  'time/milliseconds': 'timestamp_too_new',
  'time/': 'invalid_timestamp',
  'key/no-key-configured': 'invalid_option',
  'key/': 'signature_mismatch',
  'body/': 'signature_mismatch',
  'id/changed': 'signature_mismatch',
  'id/': 'invalid_id',
  'dotted-id-collision': 'invalid_id',
  'header/public-key-bytes-as-hmac-secret': 'no_usable_signature',
  'header/': 'no_usable_signature',
  'missing/': 'missing_header',
};

describe('webhook verifier: vectors', () => {
  describe('verify', () => {
    for (const vector of vectors.verify) {
      it(`${vector.expect}s ${vector.name}`, () => {
        if (vector.expect === 'reject') return expect(codeOf(() => verify(vector))).to.equal(reasonOf(vector.name));
        const { id, timestamp } = verify(vector);
        expect(id).to.equal(vector.headers['webhook-id']);
        return expect(timestamp.getTime()).to.equal(Number(vector.headers['webhook-timestamp']) * 1_000);
      });
    }
  });

  describe('keys', () => {
    for (const { key, valid, why } of vectors.keys) {
      it(`${valid ? 'accepts' : 'refuses'} ${key.slice(0, 5)}: ${why}`, () => {
        const create = (): unknown => createWebhookVerifier(key.startsWith('whsec_') ? { secrets: [key] } : { publicKeys: [key] });
        if (valid) return expect(create()).to.have.property('verify');
        expect(codeOf(create)).to.equal('invalid_key');
        const encoded = key.slice(key.indexOf('_') + 1);
        return expect(create)
          .to.throw(WebhookVerificationError)
          .with.property('message')
          .that.satisfies((text: string) => encoded === '' || !text.includes(encoded));
      });
    }
  });
});

function verify(vector: Vector): { id: string; timestamp: Date } {
  const { secrets, publicKeys, nowSeconds, headers } = vector;
  const verifier = createWebhookVerifier({ secrets, publicKeys, now: () => nowSeconds * 1_000 });
  return verifier.verify(headers as Record<string, string>, vector.body);
}

function reasonOf(name: string): WebhookVerificationCode | undefined {
  const beginnings = Object.keys(REASONS).filter((beginning) => name.startsWith(beginning));
  return REASONS[beginnings.toSorted((a, b) => b.length - a.length)[0] ?? ''];
}
