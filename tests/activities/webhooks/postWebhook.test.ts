import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { WebhookPoster } from '../../../activities/webhooks/postWebhook.ts';
import { createAddressGuard } from '../../../services/network/addressGuard.ts';
import { drip, startRawPeer } from '../../support/rawPeer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

describe('postWebhook', function () {
  this.timeout(10_000);
  const poster = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: true }));
  after(() => poster.close());

  const post = (url: string, timeoutMs = 2_000) =>
    poster.post({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}', timeoutMs });

  async function against(speak: (socket: Socket) => void, timeoutMs?: number) {
    const peer = await startRawPeer(speak);
    try {
      return await post(peer.url, timeoutMs);
    } finally {
      await peer.close();
    }
  }

  it('keeps the first 1 KiB of an answer, with control characters made harmless', async () => {
    const exchange = await against((socket) => socket.end(`${HEAD}content-length: 3000\r\n\r\na\u0000b${'x'.repeat(2_997)}`));
    expect(exchange).to.include({ statusCode: 200, errorCode: null });
    expect(exchange.responseExcerpt)
      .to.have.length(1_024)
      .and.match(/^a\ufffdbx+$/);
  });

  it('stops reading an endless body after 64 KiB and still knows the status', async () => {
    let sent = 0;
    const exchange = await against((socket) => {
      socket.write(`${HEAD}\r\n`);
      const pour = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384, 'x'))) sent += 16_384;
      };
      socket.on('drain', pour);
      pour();
    });
    expect(exchange).to.include({ statusCode: 200, errorCode: null });
    expect(sent).to.be.lessThan(20 * 1024 * 1024);
  });

  it('does not inflate a compressed answer', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const exchange = await against((socket) => {
      socket.write(`${HEAD}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
    expect(exchange).to.include({ statusCode: 200, errorCode: null });
    expect(exchange.responseExcerpt?.length).to.be.at.most(1_024);
  });

  it('never follows a redirect', async () => {
    const target = await startRawPeer((socket) => socket.end(`${HEAD}content-length: 0\r\n\r\n`));
    const exchange = await against((socket) => socket.end(`HTTP/1.1 302 Found\r\nlocation: ${target.url}\r\ncontent-length: 0\r\n\r\n`));
    expect(exchange.statusCode).to.equal(302);
    expect(target.received()).to.equal(0);
    await target.close();
  });

  const failures: [string, string, (socket: Socket) => void][] = [
    ['no answer at all', 'timeout', () => undefined],
    ['a header every 100 ms (slow loris)', 'timeout', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-a: b\r\n')],
    ['a byte of the body every 100 ms', 'timeout', (socket) => drip(socket, `${HEAD}\r\n`, 'x')],
    ['10 MB of headers', 'headers_too_large', (socket) => socket.write(`${HEAD}x-big: ${'y'.repeat(10 * 1024 * 1024)}\r\n\r\n`)],
    ['something that is not HTTP', 'protocol_error', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a reset instead of an answer', 'connection_reset', (socket) => socket.resetAndDestroy()],
    ['a clean close instead of an answer', 'connection_reset', (socket) => socket.end()],
    ['a reset within the headers', 'connection_reset', (socket) => socket.write('HTTP/1.1 200 OK\r\nx-a:', () => socket.resetAndDestroy())],
    [
      'a reset within the body',
      'connection_reset',
      (socket) => socket.write(`${HEAD}content-length: 99\r\n\r\nabc`, () => socket.resetAndDestroy()),
    ],
  ];
  for (const [peer, errorCode, speak] of failures) {
    it(`${peer}: ${errorCode}, within the deadline`, async () => {
      const startedAt = performance.now();
      // Short where it is waited for, and so long elsewhere that a busy machine does not come to it.
      expect(await against(speak, errorCode === 'timeout' ? 500 : 3_000)).to.include({ errorCode });
      expect(performance.now() - startedAt).to.be.lessThan(4_000);
    });
  }

  it('nobody listens: connection_refused', async () => {
    const peer = await startRawPeer(() => undefined);
    await peer.close();
    expect(await post(peer.url)).to.include({ errorCode: 'connection_refused', statusCode: null });
  });

  it('plain HTTP where TLS is expected: tls_error', async () => {
    const peer = await startRawPeer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await post(peer.url.replace('http:', 'https:'))).to.include({ errorCode: 'tls_error', statusCode: null });
    await peer.close();
  });

  it('a name that resolves to a private address is refused while connecting: blocked_address', async () => {
    const guarded = new WebhookPoster(
      createAddressGuard({ allowInsecureLoopback: false, resolve: () => Promise.resolve(['93.184.215.14', '10.0.0.5']) }),
    );
    const exchange = await guarded.post({ url: 'https://rebound.example/', headers: {}, body: '{}', timeoutMs: 1_000 });
    expect(exchange).to.include({ errorCode: 'blocked_address', statusCode: null });
    await guarded.close();
  });

  it('a name that does not resolve: dns_failure', async () => {
    const unresolved = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    const guarded = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: false, resolve: () => Promise.reject(unresolved) }));
    expect(await guarded.post({ url: 'https://gone.example/', headers: {}, body: '{}', timeoutMs: 1_000 })).to.include({
      errorCode: 'dns_failure',
    });
    await guarded.close();
  });

  it('ends what is in flight when the process stops: interrupted', async () => {
    const stopping = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: true }));
    const peer = await startRawPeer(() => stopping.interrupt());
    expect(await stopping.post({ url: peer.url, headers: {}, body: '{}', timeoutMs: 5_000 })).to.include({ errorCode: 'interrupted' });
    await peer.close();
    await stopping.close();
  });
});
