import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Whether the commit reaches Postgres before the connection breaks: its answer never reaches the client. */
export type Fate = 'committed' | 'lost';

/** Stands in front of Postgres and breaks the connection of the next commit, once it is told to. */
export interface CommitBreaker {
  /** The target's URL with this in between. */
  url: string;
  breakNext(fate: Fate): void;
  close(): void;
}

export async function breakCommitsOf(targetUrl: string): Promise<CommitBreaker> {
  const url = new URL(targetUrl);
  const behind = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let fate: Fate | null = null;
  const server = createServer((client) => {
    const upstream = connect(behind);
    let breaks = false;
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    const end = (): void => void (client.destroy(), upstream.destroy());
    client.on('close', end).on('data', (sent) => {
      if (fate === null || !sent.includes('COMMIT')) return void upstream.write(sent);
      breaks = true;
      if (fate === 'committed') upstream.write(sent);
      else end();
      fate = null;
    });
    upstream.on('close', end).on('data', (answer) => void (breaks ? end() : client.write(answer)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    breakNext: (next) => void (fate = next),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
