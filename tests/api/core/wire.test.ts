import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';

describe('core: requests that no client library would send', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let key: string;
  before(async () => {
    ({ key } = await createOrganization(database));
  });

  /** Writes bytes and reads until the server closes. */
  async function speak(text: string): Promise<{ status: number; head: string; body: string }> {
    const socket = connect(app.http.address.port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), head, body };
  }
  const get = (target: string, headers: string[] = []): ReturnType<typeof speak> =>
    speak([`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'));

  const unreadable: [string, string, number, string][] = [
    ['a header with a space in its name', 'GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n', 400, 'malformed_request'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['TLS on the plain port', '\u0016\u0003\u0001\u0002', 400, 'malformed_request'],
    ['an API key of 20,000 characters', `GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: ${'k'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ];
  for (const [what, text, status, code] of unreadable) {
    it(`${status} ${code}: ${what} is answered as a problem that says what to do`, async () => {
      const answer = await speak(text);
      expect(answer.head).to.contain('application/problem+json').and.to.contain('Connection: close');
      const problem = JSON.parse(answer.body) as Record<string, unknown>;
      expect([answer.status, problem.status, problem.code]).to.deep.equal([status, status, code]);
      expect(problem.detail).to.be.a('string').and.not.equal('');
    });
  }

  it('408: headers that do not come to an end within 10 s end the connection, and the problem says so', async function () {
    this.timeout(20_000);
    const startedAt = Date.now();
    const answer = await speak('GET / HTTP/1.1\r\nHost: x\r\n');
    expect([answer.status, answer.body.includes('request_timeout')]).to.deep.equal([408, true]);
    expect(Date.now() - startedAt).to.be.within(9_000, 15_000);
  });

  it('a target in absolute form is its path, and one that is no URL is not found', async () => {
    const credential = [`Authorization: Bearer ${key}`];
    expect((await get(`http://any.example${ECHOES}?limit=1`, credential)).status).to.equal(200);
    for (const target of ['http://[::bad/api', 'http://', '*', '//[::bad#', '/[#']) {
      const answer = await get(target, credential);
      expect([answer.status, answer.body.includes('not_found')], target).to.deep.equal([404, true]);
    }
  });

  it('401: Authorization that stands twice is not guessed about', async () => {
    for (const second of [key, 'other']) {
      const answer = await get(ECHOES, [`Authorization: Bearer ${key}`, `authorization: Bearer ${second}`]);
      expect([answer.status, answer.body.includes('more than once')]).to.deep.equal([401, true]);
    }
  });

  it('who accepts no encoding at all gets a large answer as it is', async () => {
    for (const encodings of ['identity;q=0, *;q=0', '*;q=0', 'br', 'gzip;q=0']) {
      const answer = await app.request('GET', '/openapi.json', { headers: { 'accept-encoding': encodings } });
      expect([answer.status, answer.headers.get('content-encoding')], encodings).to.deep.equal([200, null]);
      expect(answer.headers.get('vary')).to.contain('Accept-Encoding');
    }
  });

  it('a client that hangs up in mid-body is no failure of ours', async () => {
    const before = await failures();
    for (const framing of ['Content-Length: 100\r\n\r\n{', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n']) {
      const socket = connect(app.http.address.port, '127.0.0.1');
      socket.write(`POST ${ECHOES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n${framing}`);
      await sleep(50);
      socket.destroy();
    }
    await sleep(100);
    expect(await failures()).to.equal(before);
  });

  async function failures(): Promise<number> {
    const { text } = await app.request('GET', '/metrics');
    const counts = text.matchAll(/^artisan_http_\w+_count\{[^}]*status="5xx"[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }
});
