import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { verifyWebhook } from './verifyWebhook.ts';

/** One request that arrived. */
export interface Received {
  /** Path of the URL: tells endpoints apart. */
  path: string;
  id: string;
  type: string;
  /** Whether it says that it is sent again (`webhook-replay: 1`). */
  replay: boolean;
  /** null: the signature is genuine. */
  fault: string | null;
}

export interface ReceiverOptions {
  port: number;
  /** Signing secret of the endpoint with this path; undefined: not known. */
  secretOf: (path: string) => string | undefined;
  /** HTTP status to answer a genuine webhook with. */
  answer?: (received: Received) => number;
  onReceived: (received: Received, status: number) => void;
}

export interface Receiver extends AsyncDisposable {
  url: string;
  close: () => Promise<void>;
}

const FORGED = 400;

/** An HTTP server on loopback that does what a customer's endpoint does: reads, verifies the signature, answers. */
export async function startReceiver({ port, secretOf, answer = () => 204, onReceived }: ReceiverOptions): Promise<Receiver> {
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const path = request.url ?? '/';
    const secret = secretOf(path);
    const fault = secret === undefined ? 'no endpoint has this path' : verifyWebhook(secret, request.headers, body);
    const { 'webhook-id': id, 'webhook-replay': replay } = request.headers;
    const received = { path, id: String(id), type: typeOf(body), replay: replay === '1', fault };
    const status = fault === null ? answer(received) : FORGED;
    response.writeHead(status).end();
    onReceived(received, status);
  }
  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, [Symbol.asyncDispose]: close };
}

function typeOf(body: string): string {
  try {
    return String((JSON.parse(body) as { type?: unknown }).type);
  } catch {
    return '(not JSON)';
  }
}
