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
  const url = new URL(targetUrl);
  const behind = { host: url.hostname, port: Number(url.port) };
  const pairs: [Socket, Socket][] = [];
  const server = createServer((client) => pairs.push(joined(client, connect(behind))));
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    freeze: () => pairs.forEach(([client, upstream]) => (client.unpipe(upstream).pause(), upstream.unpipe(client).pause())),
    thaw: () => pairs.forEach(([client, upstream]) => (client.pipe(upstream), upstream.pipe(client))),
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of pairs.splice(0).flat()) socket.destroy();
      await closed;
    },
    reopen: () => listen(Number(url.port)),
  };
}

function joined(client: Socket, upstream: Socket): [Socket, Socket] {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
  return [client, upstream];
}
