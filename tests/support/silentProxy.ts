import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to `url` on which the far side can be lost without the near side hearing of it: a failover without FIN, a NAT that forgot. */
export interface SilentProxy {
  url: string;
  /** Ends what is connected on the far side only. New connections are passed on as before. */
  loseFarSide(): void;
  close(): Promise<void>;
}

/** `url`: of a server that speaks TCP, as postgres://host:port/name. */
export async function startSilentProxy(url: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(url);
  const [near, far] = [new Set<Socket>(), new Set<Socket>()];
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    near.add(client);
    far.add(upstream);
    client.on('data', (bytes) => upstream.destroyed || upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('close', () => upstream.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const through = new URL(url);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    loseFarSide: () => {
      for (const socket of far) socket.destroy();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of [...near, ...far]) socket.destroy();
      await closed;
    },
  };
}
