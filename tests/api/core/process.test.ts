import { expect } from 'chai';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../server/local/freePort.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { testEnv } from '../../support/testConfig.ts';

const root = join(import.meta.dirname, '../../..');
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const BODY = JSON.stringify({ type: 'lead.created', data: { name: 'Ada' } });

interface Running {
  child: ChildProcess;
  port: number;
  ended: Promise<number | null>;
  output: () => string;
}

describe('the API process', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  it('SIGTERM: answers what is in flight with Connection: close, accepts nothing new, ends with 0', async () => {
    const { key } = await createOrganization(database);
    const api = await start({});
    const request = await beginPublishing(api.port, key);
    api.child.kill('SIGTERM');
    await refused(api.port);
    expect(api.child.exitCode).to.equal(null);
    request.finish();
    const answer = await request.answer;
    expect(answer)
      .to.match(/^HTTP\/1\.1 202 /)
      .and.to.match(/\r\nConnection: close\r\n/i);
    expect(await api.ended).to.equal(0);
    expect(await database.system('events').count().first()).to.deep.equal({ count: 1 });
  });

  it('a request that does not end is cut off after SHUTDOWN_SECONDS', async () => {
    const { key } = await createOrganization(database);
    const api = await start({ SHUTDOWN_SECONDS: '1' });
    const request = await beginPublishing(api.port, key);
    const asked = Date.now();
    api.child.kill('SIGTERM');
    expect(await api.ended).to.equal(0);
    expect(Date.now() - asked).to.be.within(900, 10_000);
    expect(await request.answer).to.equal('');
  });

  it('a second signal ends it at once', async () => {
    const { key } = await createOrganization(database);
    const api = await start({});
    await beginPublishing(api.port, key);
    api.child.kill('SIGTERM');
    await refused(api.port);
    api.child.kill('SIGINT');
    expect(await api.ended).to.equal(1);
  });

  it('stops in order when its supervisor is gone', async () => {
    const api = await start({});
    api.child.disconnect();
    expect(await api.ended).to.equal(0);
  });

  it('refuses to start with a login that could see every tenant', async () => {
    for (const DATABASE_URL of [database.urls.superuser, database.urls.system, database.urls.owner]) {
      const api = launch({ DATABASE_URL, LOG_LEVEL: 'info' }, await freePort());
      expect(await api.ended).to.equal(1);
      expect(api.output()).to.match(/is a superuser|bypasses row level security|owns tables/);
      expect(api.output())
        .to.contain('artisan_app')
        .and.not.to.match(/test-(owner|app|system)/);
    }
  });

  async function start(env: Record<string, string>): Promise<Running> {
    const port = await freePort();
    const api = launch(env, port);
    const live = async (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/api/v1/health/liveness`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await live())) {
      if (api.child.exitCode !== null) throw new Error(`the API ended:\n${api.output()}`);
      await sleep(25);
    }
    return api;
  }

  function launch(env: Record<string, string>, port: number): Running {
    const child = spawn(process.execPath, ['server/main.ts'], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...testEnv(database, { PORT: String(port), ...env }) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.push(child);
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const read = Promise.all([child.stdout!, child.stderr!].map((stream) => once(stream, 'close')));
    const ended = once(child, 'exit').then(async ([code]) => {
      await read;
      return code as number | null;
    });
    return { child, port, ended, output: () => output };
  }
});

/** Sends all of a publish request but its last byte, and waits until the process has read its head. */
async function beginPublishing(port: number, key: string): Promise<{ finish: () => void; answer: Promise<string> }> {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const head = [
    'POST /api/v1/events HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${BODY.length}`,
    'Expect: 100-continue',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${BODY.slice(0, -1)}`);
  while (text !== CONTINUE) await sleep(10);
  text = '';
  return { finish: () => void socket.write(BODY.slice(-1)), answer };
}

/** Resolves when the port accepts nothing more. */
async function refused(port: number): Promise<void> {
  const accepted = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  while (await accepted()) await sleep(10);
}
