import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { expect } from 'chai';
import { WebhookPoster } from '../../../activities/webhooks/postWebhook.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { configuredAddressGuard } from '../../../services/network/configuredAddressGuard.ts';
import { startDnsServer } from '../../support/dnsServer.ts';
import type { DnsAnswer, DnsServer } from '../../support/dnsServer.ts';

// Public by every rule, and reached by nobody: IANA has given 2e00::/8 to no registry.
const PUBLIC = '2e00::1';
const PUBLIC_IPV4 = '93.184.215.14';
const PRIVATE = ['127.0.0.1', '169.254.169.254', '10.0.0.5', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', 'fd00::5'];

describe('what DNS answers, as the worker meets it', function () {
  this.timeout(15_000);
  let dns: DnsServer;
  let listener: Server;
  let connections = 0;
  let url = '';
  let poster: WebhookPoster;
  let mayBeSet: (url: string) => Promise<void>;

  before(async () => {
    dns = await startDnsServer();
    // On every loopback address, so that a connection that slips through is seen.
    listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    url = `https://hooks.customer.example:${(listener.address() as AddressInfo).port}/in`;
  });
  after(async () => {
    listener.close();
    await dns.close();
  });
  beforeEach(() => {
    connections = 0;
    // What API and worker make of their configuration; loopback is open for its own names, as with `npm start`.
    const guard = configuredAddressGuard({ WEBHOOK_ALLOW_INSECURE_LOOPBACK: true, WEBHOOK_DNS_SERVERS: [dns.address] });
    mayBeSet = (text) => guard.assertPublic(text);
    poster = new WebhookPoster(guard);
  });
  afterEach(() => poster.close());

  const attempt = (timeoutMs = 8_000) => poster.post({ url, headers: {}, body: '{}', timeoutMs });
  const fixed = (answer: DnsAnswer) => dns.answer(() => answer);
  const refusal = async (): Promise<string> => {
    const error = await mayBeSet(url).catch((caught: unknown) => caught);
    if (!(error instanceof AppError)) throw new Error('it was not refused');
    expect(error.code).to.equal('url_not_allowed');
    return error.fields?.[0]?.message ?? '';
  };
  /** Refused when it is set and when it is called, and nobody was connected to. */
  const refusedTwice = async (): Promise<void> => {
    expect(await refusal()).to.match(/resolves to an address that is/);
    expect(await attempt()).to.include({ errorCode: 'blocked_address', statusCode: null });
    expect(connections).to.equal(0);
  };

  it('the listener counts: a loopback name reaches it', async () => {
    url = url.replace('hooks.customer.example', 'app.localhost');
    expect((await attempt()).errorCode).to.be.oneOf(['connection_reset', 'tls_error']);
    expect(connections).to.be.greaterThan(0);
    expect(dns.queries).to.deep.equal([]);
    url = url.replace('app.localhost', 'hooks.customer.example');
  });

  describe('one private address refuses the name, whatever stands beside it', () => {
    for (const address of PRIVATE) {
      it(`${address} alone`, () => (fixed({ addresses: [address] }), refusedTwice()));
      it(`${address} after a public address`, () => (fixed({ addresses: [PUBLIC, PUBLIC_IPV4, address] }), refusedTwice()));
      it(`${address} before a public address`, () => (fixed({ addresses: [address, PUBLIC, PUBLIC_IPV4] }), refusedTwice()));
      it(`${address} behind a chain of CNAMEs through public names`, () => {
        fixed({ addresses: [address], via: ['edge.cdn.example', 'pool-7.cdn.example', 'node.internal'] });
        return refusedTwice();
      });
    }
  });

  describe('an answer that changes', () => {
    for (const address of PRIVATE)
      it(`public when the endpoint is set, ${address} when it is called: no connection`, async () => {
        dns.answer(({ nth }) => ({ addresses: [nth === 1 ? PUBLIC : address] }));
        await mayBeSet(url);
        expect(await attempt()).to.include({ errorCode: 'blocked_address', statusCode: null });
        expect(connections).to.equal(0);
      });

    it('public first and 127.0.0.1 from then on, within one attempt: resolved once, and the vetted address is the one dialled', async () => {
      dns.answer(({ nth }) => ({ addresses: nth === 1 ? [PUBLIC] : ['127.0.0.1', '::1'] }));
      expect((await attempt(1_000)).errorCode).to.be.oneOf(['unreachable', 'timeout', 'connect_timeout', 'connection_refused']);
      expect(connections).to.equal(0);
      expect(dns.queries.map(({ type, nth }) => `${type} ${nth}`)).to.have.members(['A 1', 'AAAA 1']);
    });

    it('a name is resolved again for each connection, whatever time the answer may be kept', async () => {
      fixed({ addresses: ['10.0.0.5'] });
      for (const nth of [1, 2, 3]) {
        expect((await attempt()).errorCode).to.equal('blocked_address');
        expect(dns.queries.filter(({ type }) => type === 'A')).to.have.length(nth);
      }
    });
  });

  describe('a host with IPv6 alone', () => {
    it('is accepted with a public address, and that is what is dialled', async () => {
      fixed({ addresses: [PUBLIC] });
      await mayBeSet(url);
      expect((await attempt(1_000)).errorCode).to.be.oneOf(['unreachable', 'timeout', 'connect_timeout', 'connection_refused']);
    });
    it('is accepted with the NAT64 address of a public host, and behind a CNAME', async () => {
      fixed({ addresses: ['64:ff9b::5db8:d70e'], via: ['v6.cdn.example'] });
      await mayBeSet(url);
    });
  });

  describe('no answer to use', () => {
    const faults: [DnsAnswer, string, RegExp, number][] = [
      ['NXDOMAIN', 'dns_failure', /ENOTFOUND/, 2_000],
      [{ addresses: [] }, 'dns_failure', /ENODATA/, 2_000],
      [{ addresses: [], via: ['nowhere.example'] }, 'dns_failure', /ENODATA/, 2_000],
      ['SERVFAIL', 'dns_failure', /EAI_AGAIN/, 5_500],
      ['REFUSED', 'dns_failure', /EAI_AGAIN/, 5_500],
      ['silence', 'dns_timeout', /ETIMEOUT/, 5_500],
    ];
    for (const [answer, errorCode, reason, withinMs] of faults)
      it(`${JSON.stringify(answer)}: ${errorCode} within ${withinMs} ms, and a name that cannot be set`, async () => {
        fixed(answer);
        expect(await refusal()).to.match(reason);
        const { durationMs, ...exchange } = await attempt();
        expect(exchange).to.include({ errorCode, statusCode: null });
        expect(durationMs).to.be.lessThan(withinMs);
        expect(connections).to.equal(0);
      });

    it('one family fails and the other answers: what is known is vetted and used', async () => {
      dns.answer(({ type }) => (type === 'A' ? 'SERVFAIL' : { addresses: [PUBLIC] }));
      await mayBeSet(url);
      dns.answer(({ type }) => (type === 'A' ? { addresses: ['127.0.0.1'] } : 'SERVFAIL'));
      await refusedTwice();
    });

    it('forty names whose server is silent hold nobody up: another name is judged meanwhile', async () => {
      dns.answer(({ name }) => (name.startsWith('mute') ? 'silence' : { addresses: ['10.0.0.5'] }));
      const mute = Array.from({ length: 40 }, (_, i) =>
        poster.post({ url: `https://mute-${i}.customer.example/`, headers: {}, body: '{}', timeoutMs: 1_500 }),
      );
      const { errorCode, durationMs } = await attempt();
      expect(errorCode).to.equal('blocked_address');
      expect(durationMs, 'before any of them').to.be.lessThan(1_500);
      for (const exchange of await Promise.all(mute)) expect(exchange.errorCode).to.equal('timeout');
    });
  });
});
