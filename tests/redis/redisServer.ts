import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '../../server/local/freePort.ts';

/** A Redis of its own on a free port, which can be killed and started again with nothing kept. */
export class RedisServer {
  readonly port: number;
  #process: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  /** Throws when there is no `redis-server` on the PATH (Debian: package redis-server). */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = started;
    await once(started, 'spawn');
    for await (const line of createInterface({ input: started.stdout! })) if (line.includes('Ready to accept connections')) return;
    throw new Error('redis-server ended before it was ready');
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (!running) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  }
}

/** Of the `redis-server` on the PATH. */
export const redisVersion = (): string =>
  /v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
