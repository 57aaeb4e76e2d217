import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
  at: number;
}

/** What the receiver does with its n-th request on a path (from 1): a status, or an answer of its own making. */
export type Behaviour = (request: Received, nth: number) => number | ((response: ServerResponse, request: IncomingMessage) => void);

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** How requests are answered from now on; 200 unless said otherwise. */
  behave(behaviour: Behaviour): void;
  /** Waits until `count` requests came (to `path`, when given). Throws after `timeoutMs`. */
  waitFor(count: number, options?: { path?: string; timeoutMs?: number }): Promise<Received[]>;
  close(): Promise<void>;
}

/** A customer's endpoint: a real HTTP server on loopback that keeps what it gets. */
export async function startReceiver(behaviour: Behaviour = () => 200): Promise<Receiver> {
  const received: Received[] = [];
  const counts = new Map<string, number>();
  let current = behaviour;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      const one = {
        path,
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
        at: Date.now(),
      };
      received.push(one);
      counts.set(path, (counts.get(path) ?? 0) + 1);
      const act = current(one, counts.get(path) ?? 1);
      if (typeof act === 'number') response.writeHead(act, { 'content-type': 'text/plain' }).end(`status ${act}`);
      else act(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    behave: (next) => void (current = next),
    async waitFor(count, { path, timeoutMs = 10_000 } = {}) {
      const matching = (): Received[] => (path === undefined ? received : received.filter((one) => one.path === path));
      for (const giveUpAt = Date.now() + timeoutMs; matching().length < count; await sleep(5)) {
        if (Date.now() > giveUpAt) throw new Error(`${matching().length} of ${count} requests came within ${timeoutMs} ms`);
      }
      return matching();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
