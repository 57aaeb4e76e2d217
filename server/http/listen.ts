import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerClientErrors } from './clientError.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for requests whose time is over; by itself only every 30 s, which doubles the time of a slow sender. */
const CHECK_EVERY_MS = 1_000;
/** Longer than the 60 s for which load balancers keep an idle connection, so that they close it and never we. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const CLOSE_IDLE_EVERY_MS = 50;

export interface HttpServer {
  server: Server;
  address: AddressInfo;
  /** Accepts nothing new, lets every request in flight be answered, then resolves. After `deadlineMs` it cuts the rest off. */
  stop(deadlineMs: number): Promise<void>;
}

/** Starts to listen; port 0 picks a free one. Rejects when the address is taken. */
export async function listen(app: RequestListener, port: number, host: string): Promise<HttpServer> {
  const timeouts = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  };
  const server = createServer(timeouts, app);
  answerClientErrors(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { server, address: server.address() as AddressInfo, stop: (deadlineMs) => close(server, deadlineMs) };
}

function close(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection becomes idle when its last answer is sent; without this it would stay open until its client goes.
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    });
  });
}
