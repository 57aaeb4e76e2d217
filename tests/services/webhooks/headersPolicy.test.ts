import { expect } from 'chai';
import { AppError } from '../../../services/errors/AppError.ts';
import { assertHeadersAllowed } from '../../../services/webhooks/headersPolicy.ts';

function refusal(headers: Record<string, string>): AppError {
  try {
    assertHeadersAllowed(headers);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const ALLOWED: Record<string, string> = {
  Authorization: 'Bearer abc.def',
  'X-Api-Key': 'k',
  Accept: 'application/json',
  'X-Empty': '',
  'X-Inner': 'two words\tand a tab',
  'X-Http-Method-Override': 'PUT',
  Origin: 'https://app.example.com',
  Contentious: 'not content-*',
};

const REFUSED = [
  'Connection',
  'keep-alive',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Expect',
  'Via',
  'HTTP2-Settings',
  'Proxy-Authorization',
  'proxy-connection',
  'Host',
  'HOST',
  'User-Agent',
  'Date',
  'Accept-Encoding',
  'Range',
  'traceparent',
  'Content-Length',
  'content-type',
  'Content-Encoding',
  'webhook-id',
  'Webhook-Signature',
  'WEBHOOK-TIMESTAMP',
  'webhook-replay',
  'X-Artisan-Anything',
  'Sec-Fetch-Site',
  'Cookie',
  'Set-Cookie',
  'Forwarded',
  'X-Forwarded-For',
  'x-forwarded-host',
  'X-Real-IP',
  'X-Original-URL',
  'Metadata',
  'Metadata-Flavor',
  'X-aws-ec2-metadata-token',
];

describe('custom webhook headers', () => {
  for (const [name, value] of Object.entries(ALLOWED)) {
    it(`allows ${name}: ${JSON.stringify(value)}`, () => {
      expect(() => assertHeadersAllowed({ [name]: value })).not.to.throw();
    });
  }

  for (const name of REFUSED) {
    it(`refuses ${name}, says why and where`, () => {
      const error = refusal({ [name]: 'x' });
      expect(error.code).to.equal('header_not_allowed');
      expect(error.fields).to.have.length(1);
      expect(error.fields![0]!.location).to.equal(`body.headers.${name}`);
      expect(error.fields![0]!.message).to.match(/cannot be set/);
    });
  }

  for (const name of ['', 'a b', 'x:y', 'x\r\ny', 'ünï', ':authority', 'x\u0000', '(x)']) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      expect(refusal({ [name]: 'x' }).fields![0]!.message).to.match(/header name/);
    });
  }

  for (const value of ['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\u0000b', ' leading', 'trailing ', 'ümlaut', '\u007f', '🚀']) {
    it(`refuses the value ${JSON.stringify(value)} without repeating it`, () => {
      const error = refusal({ 'X-Token': value });
      expect(error.fields![0]!.message).to.match(/visible ASCII/);
      expect(JSON.stringify(error.fields)).not.to.include(JSON.stringify(value).slice(1, -1));
    });
  }

  it('allows 32 headers and refuses 33', () => {
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-H${i}`, 'v']));
    expect(() => assertHeadersAllowed(headers(32))).not.to.throw();
    expect(refusal(headers(33)).fields).to.deep.equal([{ location: 'body.headers', message: 'There may be at most 32 custom headers.' }]);
  });

  it('allows 8 KiB in all and refuses a byte more', () => {
    expect(() => assertHeadersAllowed({ 'X-Big': 'v'.repeat(8192 - 5) })).not.to.throw();
    expect(refusal({ 'X-Big': 'v'.repeat(8192 - 4) }).fields![0]!.location).to.equal('body.headers');
  });

  it('refuses the same header twice in other letters', () => {
    expect(refusal({ 'X-Token': 'a', 'x-token': 'b' }).fields![0]!.location).to.equal('body.headers.x-token');
  });

  it('reports every fault at once', () => {
    expect(refusal({ Host: 'x', Cookie: 'y', 'X-Ok': 'fine' }).fields).to.have.length(2);
  });
});
