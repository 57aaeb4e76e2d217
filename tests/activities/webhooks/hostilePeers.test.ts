import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { expect } from 'chai';
import { WebhookPoster } from '../../../activities/webhooks/postWebhook.ts';
import { createAddressGuard } from '../../../services/network/addressGuard.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { pour, startRawPeer } from '../../support/rawPeer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const DEADLINE_MS = 600;
/** Where something else is to end it first, also on a machine that other work loads. */
const LONG_DEADLINE_MS = 5_000;
/** Some peers keep this very process busy with their own bytes. */
const SLACK_MS = 3_000;
/** Larger than what the kernel buffers of both sides hold. */
const LARGE_BODY = JSON.stringify({ data: 'x'.repeat(16 * 1024 * 1024) });

type Speak = (socket: Socket) => void;
const reset: Speak = (socket) => void socket.resetAndDestroy();
const thenReset =
  (text: string): Speak =>
  (socket) =>
    void socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 20));
const says =
  (text: string | Buffer): Speak =>
  (socket) =>
    void socket.end(text);
const nothing: Speak = () => undefined;

describe('a hostile peer', function () {
  this.timeout(15_000);
  let poster: WebhookPoster;
  beforeEach(() => (poster = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: true }))));
  afterEach(() => poster.close());

  async function against(
    speak: Speak,
    { accept, body = '{"a":1}', timeoutMs = LONG_DEADLINE_MS }: { accept?: Speak; body?: string; timeoutMs?: number } = {},
  ) {
    const peer = await startRawPeer(speak, accept);
    try {
      const exchange = await poster.post({ url: peer.url, headers: { 'content-type': 'application/json' }, body, timeoutMs });
      expect(exchange.durationMs).to.be.lessThan(timeoutMs + SLACK_MS);
      return exchange;
    } finally {
      await peer.close();
    }
  }

  describe('that resets the connection', () => {
    const stages: [string, { code: string | null; status: number | null }, Speak, { accept?: Speak; body?: string }?][] = [
      ['at accept', { code: 'connection_reset', status: null }, nothing, { accept: reset }],
      ['after the headers of the request', { code: 'connection_reset', status: null }, reset],
      ['in the middle of a large request body', { code: 'connection_reset', status: null }, reset, { body: LARGE_BODY }],
      ['after the status line', { code: 'connection_reset', status: null }, thenReset('HTTP/1.1 200 OK\r\n')],
      ['in the middle of the headers', { code: 'connection_reset', status: null }, thenReset(`${HEAD}x-half: a`)],
      ['after the headers', { code: 'connection_reset', status: 200 }, thenReset(`${HEAD}content-length: 9\r\n\r\n`)],
      ['in the middle of the body', { code: 'connection_reset', status: 200 }, thenReset(`${HEAD}content-length: 9\r\n\r\nabc`)],
      [
        'after the body, before its end',
        { code: 'connection_reset', status: 200 },
        thenReset(`${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`),
      ],
      ['after the whole answer', { code: null, status: 200 }, thenReset(`${HEAD}content-length: 3\r\n\r\nabc`)],
    ];
    for (const [stage, { code, status }, speak, options] of stages)
      it(`${stage}: ${code ?? 'that is a success'}`, async () => {
        expect(await against(speak, options)).to.include({ errorCode: code, statusCode: status });
      });
    it('never: it takes no byte of a large request, and the deadline ends it', async () => {
      const deaf: Speak = (socket) => void socket.pause();
      const exchange = await against(deaf, { accept: deaf, body: LARGE_BODY, timeoutMs: DEADLINE_MS });
      expect(exchange).to.include({ errorCode: 'timeout', statusCode: null });
    });
  });

  describe('that does not speak HTTP', () => {
    const answers: [string, string | Buffer][] = [
      ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n'],
      ['HTTP/0.9: a body alone', '<html>hello</html>'],
      ['a frame of HTTP/2', Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100])],
      ['a TLS alert', Buffer.from([0x15, 3, 1, 0, 2, 2, 80])],
      ['an impossible version', 'HTTP/9.9 200 OK\r\n\r\n'],
      ['a status that is no number', 'HTTP/1.1 OK\r\n\r\n'],
      ['a header without a colon', 'HTTP/1.1 200 OK\r\nbroken\r\n\r\n'],
      ['U+0000 in a header', `${HEAD}x-nul: a\u0000b\r\n\r\n`],
      ['two lengths', `${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`],
      ['a length beyond all numbers', `${HEAD}content-length: 99999999999999999999999\r\n\r\n`],
      ['a negative length', `${HEAD}content-length: -1\r\n\r\n`],
      ['a length and chunks', `${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`],
      ['a chunk size that is no number', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`],
      ['a 100 that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['a switch of protocols that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ];
    for (const [what, answer] of answers)
      it(`${what}: protocol_error`, async () => {
        expect((await against(says(answer))).errorCode).to.equal('protocol_error');
      });
  });

  describe('that answers without end', () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    const endless: [string, string | null, string, Buffer][] = [
      ['1xx answers', 'protocol_error', '', Buffer.from(hint.repeat(200))],
      ['one header', 'headers_too_large', `${HEAD}x-big: `, Buffer.alloc(65_536, 'y')],
      ['a status line', 'timeout', 'HTTP/1.1 200 ', Buffer.alloc(65_536, 'O')],
      ['a body', null, `${HEAD}\r\n`, Buffer.alloc(65_536, 'z')],
    ];
    for (const [what, code, first, again] of endless)
      it(`${what}: ${code ?? 'a success, with what was read of it'}`, async () => {
        const timeoutMs = code === 'timeout' ? DEADLINE_MS : LONG_DEADLINE_MS;
        expect((await against((socket) => pour(socket, first, again), { timeoutMs })).errorCode).to.equal(code);
      });
    const many = 'x-more: yes\r\n'.repeat(2_000);
    for (const [what, first] of [
      ['headers', HEAD],
      ['trailers', `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`],
    ])
      it(`2,000 small ${what}: headers_too_large`, async () => {
        expect((await against((socket) => void socket.write(`${first}${many}`))).errorCode).to.equal('headers_too_large');
      });
    it('a few 1xx answers are no fault', async () => {
      expect(await against(says(`${hint.repeat(5)}${HEAD}content-length: 0\r\n\r\n`))).to.include({
        errorCode: null,
      });
    });
    it('an extension of a chunk: the deadline ends it', async () => {
      const endless: Speak = (socket) => pour(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n3;a=`, Buffer.alloc(65_536, 'e'));
      const exchange = await against(endless, { timeoutMs: DEADLINE_MS });
      expect(exchange.errorCode).to.be.oneOf(['timeout', 'protocol_error', 'headers_too_large']);
    });
  });

  describe('behind TLS', () => {
    const HOST = 'app.localhost';
    const root = { host: 'Test root', ...makeCertificate({ host: 'Test root', authority: true }) };
    const leaf = { host: HOST, ...makeCertificate({ host: HOST, issuer: root }) };
    const system = getCACertificates('default');
    before(() => setDefaultCACertificates([...system, root.cert]));
    after(() => setDefaultCACertificates(system));

    async function over(options: TlsOptions) {
      const server = createTlsServer(options, (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(`${HEAD}content-length: 0\r\n\r\n`));
      });
      server.on('tlsClientError', () => undefined);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `https://${HOST}:${(server.address() as AddressInfo).port}/`;
      try {
        return await poster.post({ url, headers: {}, body: '{}', timeoutMs: 3_000 });
      } finally {
        server.close();
      }
    }

    it('with a certificate that is right: a success', async () => {
      expect(await over(leaf)).to.include({ errorCode: null, statusCode: 200 });
    });
    const wrong: [string, TlsOptions][] = [
      ['that signed itself', makeCertificate({ host: HOST })],
      ['of another host', makeCertificate({ host: 'other.localhost', issuer: root })],
      ['that has expired', makeCertificate({ host: HOST, issuer: root, validFor: -1 })],
      [
        'of an unknown authority',
        makeCertificate({ host: HOST, issuer: { host: 'Other root', ...makeCertificate({ host: 'Other root', authority: true }) } }),
      ],
      ['signed by one that may not sign', { ...makeCertificate({ host: HOST, issuer: leaf }), ca: leaf.cert }],
      ['and TLS 1.1 at most', { ...leaf, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ];
    for (const [what, options] of wrong)
      it(`with a certificate ${what}: tls_error, and no request is sent`, async () => {
        const { cert, key, ca } = options;
        const chain = ca === undefined ? options : { key, cert: `${String(cert)}${String(ca)}` };
        expect(await over(chain as TlsOptions)).to.include({ errorCode: 'tls_error', statusCode: null });
      });

    const raw: [string, string, Speak][] = [
      ['plain HTTP', 'tls_error', says('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['a reset in the handshake', 'connection_reset', reset],
      ['a close in the handshake', 'connection_reset', (socket) => void socket.end()],
      ['silence in the handshake', 'timeout', nothing],
    ];
    for (const [what, code, speak] of raw)
      it(`${what} instead of TLS: ${code}`, async () => {
        const peer = await startRawPeer(speak);
        const timeoutMs = code === 'timeout' ? DEADLINE_MS : LONG_DEADLINE_MS;
        const exchange = await poster.post({ url: `https://127.0.0.1:${peer.port}/`, headers: {}, body: '{}', timeoutMs });
        expect(exchange).to.include({ errorCode: code, statusCode: null });
        await peer.close();
      });
  });
});
