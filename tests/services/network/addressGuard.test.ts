import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { AppError } from '../../../services/errors/AppError.ts';
import { createAddressGuard } from '../../../services/network/addressGuard.ts';
import type { AddressGuard } from '../../../services/network/addressGuard.ts';
import vectors from '../../vectors/ssrf-addresses.json' with { type: 'json' };

const cases = vectors.cases.filter((entry): entry is typeof entry & { url: string } => 'url' in entry);
const guardThatResolves = (answers: string[], allowInsecureLoopback = false): AddressGuard =>
  createAddressGuard({ allowInsecureLoopback, resolve: async () => answers });

async function refusal(guard: AddressGuard, url: string, location?: string): Promise<AppError> {
  const error = await guard.assertPublic(url, location).catch((caught: unknown) => caught);
  if (!(error instanceof AppError)) throw new Error(`${url} was not refused`);
  return error;
}

type LookupAnswer = { error: NodeJS.ErrnoException | null; address: unknown; family: number | undefined };

const lookup = (guard: AddressGuard, host: string, options: Parameters<LookupFunction>[1] = {}): Promise<LookupAnswer> =>
  new Promise((resolve) => guard.lookup(host, options, (error, address, family) => resolve({ error, address, family })));

describe('address guard', () => {
  describe('vectors: URL and DNS answers', () => {
    for (const { id, url, expect: verdict, resolvesTo } of cases) {
      it(`${verdict}s ${JSON.stringify(id)}`, async () => {
        const guard = createAddressGuard({
          allowInsecureLoopback: false,
          resolve: async (host) => resolvesTo ?? Promise.reject(new Error(`${host} must be judged before DNS`)),
        });
        if (verdict === 'allow') return guard.assertPublic(url);
        const error = await refusal(guard, url);
        expect(error.code).to.equal('url_not_allowed');
        expect(error.message).not.to.include('before DNS');
      });
    }
  });

  it('says which rule and where, in a sentence', async () => {
    const error = await refusal(guardThatResolves([]), 'https://10.0.0.1/hook', 'body.endpoint.url');
    expect(error.fields).to.deep.equal([
      {
        location: 'body.endpoint.url',
        message: 'The address 10.0.0.1 is a private address (10.0.0.0/8). Use an address that is reachable from the public internet.',
      },
    ]);
    expect((await refusal(guardThatResolves([]), 'http://1.1.1.1/')).detail).to.equal('Plain http: is not allowed. Use https:.');
    expect((await refusal(guardThatResolves([]), 'ftp://1.1.1.1/')).detail).to.match(/scheme ftp:/);
    expect((await refusal(guardThatResolves([]), 'https://u:p@1.1.1.1/')).detail).to.match(/Authorization/);
    expect((await refusal(guardThatResolves([]), `https://a.example/${'x'.repeat(2048)}`)).detail).to.match(/2048/);
    expect((await refusal(guardThatResolves(['1.1.1.1']), 'https://db.prod.internal/')).detail).to.match(/\.internal/);
    expect((await refusal(guardThatResolves(['1.1.1.1']), 'https://a.example:0/')).detail).to.match(/Port 0/);
  });

  it('keeps the address of a refused name out of the answer and in the log', async () => {
    const error = await refusal(guardThatResolves(['93.184.215.14', '10.11.12.13']), 'https://wiki.example.com/');
    expect(error.detail).to.match(/wiki\.example\.com resolves to an address that is a private address/);
    expect(JSON.stringify([error.detail, error.fields])).not.to.include('10.11.12.13');
    expect(error.internal).to.deep.equal({ host: 'wiki.example.com', address: '10.11.12.13' });
  });

  it('refuses a name that does not resolve, with the reason of the resolver', async () => {
    const failing = createAddressGuard({
      allowInsecureLoopback: false,
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    });
    expect((await refusal(failing, 'https://typo.example.com/')).fields![0]!.message).to.match(/typo\.example\.com .*ENOTFOUND/);
    expect((await refusal(guardThatResolves([]), 'https://empty.example.com/')).fields![0]!.message).to.match(/no address/);
  });

  describe('insecure loopback', () => {
    const open = guardThatResolves(['127.0.0.1', '::1'], true);
    for (const url of [
      'http://localhost:3000/',
      'http://127.0.0.1:9/',
      'http://[::1]:8080/',
      'https://app.localhost/',
      'http://localhost./',
    ]) {
      it(`allows ${url} when it is switched on, and not otherwise`, async () => {
        await open.assertPublic(url);
        expect(open.checkLiteral(new URL(url))).to.equal(null);
        expect((await refusal(guardThatResolves(['127.0.0.1']), url)).code).to.equal('url_not_allowed');
      });
    }
    for (const url of [
      'http://10.0.0.1/',
      'http://1.1.1.1/',
      'https://192.168.1.1/',
      'http://hooks.example.com/',
      'http://[::ffff:127.0.0.1]/',
    ]) {
      it(`still refuses ${url}`, async () => {
        await refusal(open, url);
      });
    }
    it('still refuses a public-looking name that resolves to loopback', async () => {
      await refusal(open, 'https://rebind.example.com/');
      expect((await lookup(open, 'rebind.example.com')).error?.code).to.equal('EBLOCKEDADDRESS');
    });
    it('refuses localhost when the resolver sends it elsewhere', async () => {
      await refusal(guardThatResolves(['127.0.0.1', '10.0.0.1'], true), 'http://localhost/');
    });
  });

  describe('lookup', () => {
    const guard = guardThatResolves(['93.184.215.14', '2606:4700::1111']);
    it('hands out one address, or all, or those of one family', async () => {
      expect(await lookup(guard, 'a.example')).to.deep.equal({ error: null, address: '93.184.215.14', family: 4 });
      expect((await lookup(guard, 'a.example', { all: true })).address).to.deep.equal([
        { address: '93.184.215.14', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ]);
      expect(await lookup(guard, 'a.example', { family: 6 })).to.deep.equal({ error: null, address: '2606:4700::1111', family: 6 });
      expect((await lookup(guard, 'a.example', { family: 'IPv4' })).family).to.equal(4);
      expect((await lookup(guardThatResolves(['93.184.215.14']), 'a.example', { family: 6 })).error?.code).to.equal('ENOTFOUND');
    });
    it('refuses when one answer is bad, even of the family that was not asked for', async () => {
      const mixed = guardThatResolves(['93.184.215.14', '::1']);
      expect((await lookup(mixed, 'a.example', { family: 4 })).error?.code).to.equal('EBLOCKEDADDRESS');
      expect((await lookup(mixed, 'a.example', { all: true })).error?.code).to.equal('EBLOCKEDADDRESS');
      expect((await lookup(guardThatResolves([]), 'a.example')).error?.code).to.equal('EBLOCKEDADDRESS');
    });
    it('passes the resolver’s own error on', async () => {
      const failing = createAddressGuard({
        allowInsecureLoopback: false,
        resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })),
      });
      expect((await lookup(failing, 'a.example')).error?.code).to.equal('EAI_AGAIN');
    });
  });

  describe('inside undici', () => {
    const server = createServer((_, response) => response.end('reached'));
    let port: number;
    before(async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      port = (server.address() as AddressInfo).port;
    });
    after(() => server.close());

    it('connects to the vetted address, and resolves once', async () => {
      let asked = 0;
      const guard = createAddressGuard({ allowInsecureLoopback: true, resolve: async () => ((asked += 1), ['127.0.0.1']) });
      const dispatcher = new Agent({ connect: { lookup: guard.lookup } });
      const answer = await request(`http://hook.localhost:${port}/`, { dispatcher });
      expect(await answer.body.text()).to.equal('reached');
      expect(asked).to.equal(1);
      await dispatcher.close();
    });

    it('makes no connection when the name resolves to loopback but is not a loopback name', async () => {
      const dispatcher = new Agent({ connect: { lookup: guardThatResolves(['127.0.0.1'], true).lookup } });
      const error = await request(`http://rebind.example.com:${port}/`, { dispatcher }).catch((caught: unknown) => caught);
      expect((error as NodeJS.ErrnoException).code).to.equal('EBLOCKEDADDRESS');
      await dispatcher.close();
    });
  });
});
