import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP relay in front of Postgres that can fall silent (frozen host, lost network) or be gone. */
export interface TcpRelay {
  /** The target's URL with this relay in between. */
  url: string;
  /** Bytes stop in both directions; connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Cuts every connection and refuses new ones. */
  close(): Promise<void>;
  /** Listens again after close, on the same port. */
  reopen(): Promise<void>;
}

export async function relayTo(targetUrl: string): Promise<TcpRelay> {
  const target = new URL(targetUrl);
  const behind = { host: target.hostname, port: Number(target.port) };
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((client) => {
    const upstream = connect(behind);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => (sockets.delete(from), to.destroy()));
      from.pipe(to);
      if (frozen) from.unpipe(to).pause();
    }
    pairs.push([client, upstream]);
  });
  const pairs: [Socket, Socket][] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target.port = String((server.address() as AddressInfo).port);
  const inBothDirections = (change: (from: Socket, to: Socket) => unknown): void => {
    for (const [client, upstream] of pairs) {
      change(client, upstream);
      change(upstream, client);
    }
  };
  return {
    url: target.href,
    freeze() {
      frozen = true;
      inBothDirections((from, to) => from.unpipe(to).pause());
    },
    thaw() {
      frozen = false;
      inBothDirections((from, to) => from.pipe(to));
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async reopen() {
      server.listen(Number(target.port), '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
