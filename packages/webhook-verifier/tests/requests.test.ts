import { expect } from 'chai';
import { newSigningSecret, signatureHeader } from '../../../services/webhooks/sign.ts';
import { createWebhookVerifier } from '../src/index.ts';
import type { WebhookHeaders } from '../src/index.ts';
import { codeOf } from './codeOf.ts';

const NOW = 1_793_612_458;
const secret = newSigningSecret();
const sign = (timestampSeconds = NOW): Record<string, string> => ({
  'webhook-id': 'evt_1',
  'webhook-timestamp': String(timestampSeconds),
  'webhook-signature': signatureHeader([secret], { id: 'evt_1', timestampSeconds, body: '{}' }),
});
const verifier = createWebhookVerifier({ secrets: [secret], now: () => NOW * 1_000 });
const outcome = (headers: WebhookHeaders, body: unknown = '{}'): string | null => codeOf(() => verifier.verify(headers, body as string));

describe('webhook verifier: requests', () => {
  it('reads headers of Fetch, of Node, and names in any case', () => {
    expect(outcome(new Headers(sign()))).to.equal(null);
    expect(outcome({ ...sign(), get: 'a header with this name', host: 'example.test', 'set-cookie': ['a', 'b'] })).to.equal(null);
    expect(outcome(Object.fromEntries(Object.entries(sign()).map(([name, value]) => [name.toUpperCase(), [value]])))).to.equal(null);
  });

  it('refuses a header that is there twice, in whatever way', () => {
    for (const name of Object.keys(sign())) {
      expect(outcome({ ...sign(), [name]: [sign()[name]!, sign()[name]!] }), name).to.equal('repeated_header');
      expect(outcome({ ...sign(), [name.toUpperCase()]: sign()[name] }), name).to.equal('repeated_header');
      expect(outcome({ ...sign(), [name]: undefined }), name).to.equal('missing_header');
    }
    for (const [name, code] of [
      ['webhook-id', 'invalid_id'],
      ['webhook-timestamp', 'invalid_timestamp'],
    ] as const) {
      const headers = new Headers(sign());
      headers.append(name, sign()[name]!);
      expect(outcome(headers), name).to.equal(code);
    }
  });

  it('refuses a body that was parsed, and says so', () => {
    for (const body of [{}, null, 5, [123, 125], new DataView(new ArrayBuffer(2))]) {
      expect(outcome(sign(), body)).to.equal('invalid_body');
    }
  });

  it('takes another tolerance, to either side and inclusive', () => {
    const strict = createWebhookVerifier({ secrets: [secret], toleranceSeconds: 10, now: () => NOW * 1_000 });
    const at = (seconds: number): string | null => codeOf(() => strict.verify(sign(NOW + seconds), '{}'));
    expect([-11, -10, 10, 11].map(at)).to.deep.equal(['timestamp_too_old', null, null, 'timestamp_too_new']);
    for (const toleranceSeconds of [-1, Number.NaN, Infinity]) {
      expect(codeOf(() => createWebhookVerifier({ secrets: [secret], toleranceSeconds }))).to.equal('invalid_option');
    }
  });

  it('takes no key of one kind as the other, and no list without keys', () => {
    const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
    expect(codeOf(() => createWebhookVerifier({ secrets: [publicKey] }))).to.equal('invalid_key');
    expect(codeOf(() => createWebhookVerifier({ publicKeys: [secret] }))).to.equal('invalid_key');
    expect(codeOf(() => createWebhookVerifier({}))).to.equal('invalid_option');
  });

  it('does bounded work for a header full of signatures', () => {
    const { 'webhook-signature': good = '' } = sign();
    const bad = `v1,${'A'.repeat(43)}=`;
    const list = (count: number): string => [...Array<string>(count - 1).fill(bad), good].join(' ');
    expect(outcome({ ...sign(), 'webhook-signature': list(32) })).to.equal(null);
    expect(outcome({ ...sign(), 'webhook-signature': list(33) })).to.equal('too_many_signatures');
  });
});
