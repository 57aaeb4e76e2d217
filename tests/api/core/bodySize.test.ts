import { expect } from 'chai';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const PATH = '/api/v1/admin/echoes';
const MIB = 1024 * 1024;
const bodyOf = (bytes: number): string => `{"name":"x","free":{"a":"${'y'.repeat(bytes - 28)}"}}`;

describe('core: size of the body', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let key: string;
  before(async () => {
    ({ key } = await createOrganization(database));
  });
  const headers = () => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

  it('accepts exactly 1 MiB and refuses one byte more with 413', async () => {
    const fits = await app.request('POST', PATH, { raw: bodyOf(MIB), headers: headers() });
    expect(fits.status).to.equal(201);
    const over = await app.request('POST', PATH, { raw: bodyOf(MIB + 1), headers: headers() });
    expect(over.status).to.equal(413);
    expect(over.json.code).to.equal('payload_too_large');
    expect(over.json.detail).to.contain('1 MiB');
  });

  it('refuses a body without Content-Length while it streams, and the sender still reads the answer', async () => {
    const { status, body } = await stream(5 * MIB);
    expect(status).to.equal(413);
    expect(JSON.parse(body).code).to.equal('payload_too_large');
  });

  it('answers a body that never ends, and cuts the connection', async () => {
    const { status } = await stream(64 * MIB);
    expect(status).to.equal(413);
  });

  it('answers a huge Content-Length before anything of the body is sent', async () => {
    const answer = await rawRequest(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n`,
    );
    expect(answer).to.match(/^HTTP\/1\.1 413 /);
    expect(answer).to.match(/\r\nConnection: close\r\n/i);
  });

  it('a Content-Length that is smaller than what follows does not smuggle the rest into this request', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 12`;
    const answer = await rawRequest(`${head}\r\n\r\n{"name":"x"}GET /api/v1/admin/echoes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [first, second] = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]);
    expect([first, second]).to.deep.equal(['201', '401']);
  });

  /** Sends `bytes` in chunks of 64 KiB and stops when there is an answer. */
  function stream(bytes: number): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const req = httpRequest(`${app.url}${PATH}`, { method: 'POST', headers: headers() }, (res) => {
        let body = '';
        res.setEncoding('utf8').on('data', (text: string) => (body += text));
        res.on('end', () => {
          stopped = true;
          resolve({ status: res.statusCode ?? 0, body });
        });
      });
      let stopped = false;
      req.on('error', (error) => (stopped ? undefined : reject(error)));
      const chunk = Buffer.alloc(65_536, 0x20);
      let sent = 0;
      const more = (): void => {
        while (!stopped && sent < bytes) {
          sent += chunk.length;
          if (!req.write(chunk)) return void req.once('drain', more);
        }
        if (!stopped) req.end();
      };
      more();
    });
  }

  function rawRequest(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(app.http.address.port, '127.0.0.1', () => socket.write(text));
      socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
      socket.setTimeout(2_000, () => socket.destroy());
    });
  }
});
