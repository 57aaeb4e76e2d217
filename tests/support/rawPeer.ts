import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface RawPeer {
  readonly url: string;
  readonly port: number;
  /** Connections that sent something. */
  received(): number;
  close(): Promise<void>;
}

/** A peer that speaks whatever bytes it is told to, as soon as a request arrives; `accept` is called before that, at the connection. */
export async function startRawPeer(speak: (socket: Socket) => void, accept: (socket: Socket) => void = () => undefined): Promise<RawPeer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    accept(socket);
    socket.once('data', () => {
      requests += 1;
      speak(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    received: () => requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Sends `first`, then `again` every 100 ms until the connection ends. */
export function drip(socket: Socket, first: string, again: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(again), 100);
  socket.on('close', () => clearInterval(timer));
}

/** Sends `again` for ever, as fast as the other side takes it. */
export function pour(socket: Socket, first: string, again: Buffer): void {
  socket.write(first);
  const more = (): void => {
    while (!socket.destroyed && socket.write(again));
  };
  socket.on('drain', more);
  more();
}
