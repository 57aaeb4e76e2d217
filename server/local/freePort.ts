import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections: a busy machine takes one of those within milliseconds. */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const TRIES = 100;

/** A TCP port nobody listens on at this moment. Another process may take it before it is used: callers retry or report. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = await tryListen(randomInt(LOWEST, HIGHEST), host);
    if (port !== null) return port;
  }
  throw new Error(`no free TCP port on ${host} between ${LOWEST} and ${HIGHEST}`);
}

/** Whether a server could listen on this port now. */
export async function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await tryListen(port, host)) !== null;
}

function tryListen(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : null;
      server.close(() => resolve(taken));
    });
  });
}
