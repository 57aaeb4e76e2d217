import { connect } from 'node:net';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const NO_BODY = new Set([204, 304]);

interface Waiting {
  request: string;
  resolve: (status: number) => void;
  reject: (error: Error) => void;
}

/**
 * HTTP/1.1 over a fixed number of kept-alive connections, one request at a time on each, in as little processor time as Node allows: who
 * measures a server on the server's own machine takes that time away from it. Understands answers with a Content-Length or without a body.
 */
export class LeanClient {
  readonly #waiting: Waiting[] = [];
  readonly #free: Connection[];
  readonly #all: Connection[];

  /** The connections are shared out evenly to the servers. */
  constructor(urls: string[], connections: number) {
    this.#all = Array.from({ length: connections }, (_none, n) => {
      const { hostname, port } = new URL(urls[n % urls.length]!);
      return new Connection(hostname, Number(port), (one) => this.#next(one));
    });
    this.#free = [...this.#all];
  }

  /** Sends a whole request (head and body as they go on the wire) when a connection is free. Resolves to the status of the answer. */
  send(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      const free = this.#free.pop();
      if (free) this.#next(free);
    });
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #next(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next) connection.serve(next);
    else this.#free.push(connection);
  }
}

class Connection {
  readonly #open: () => Socket;
  readonly #done: (connection: Connection) => void;
  #socket: Socket | null = null;
  #serving: Waiting | null = null;
  #received: Buffer = Buffer.alloc(0);

  constructor(host: string, port: number, done: (connection: Connection) => void) {
    this.#done = done;
    this.#open = () =>
      connect({ host, port, noDelay: true })
        .on('data', (chunk) => this.#read(chunk))
        .on('error', (error) => this.#fail(error))
        .on('close', () => this.#fail(new Error('The connection was closed')));
  }

  serve(waiting: Waiting): void {
    this.#serving = waiting;
    this.#socket ??= this.#open();
    this.#socket.write(waiting.request, 'utf8');
  }

  close(): void {
    this.#socket?.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    const length = LENGTH.exec(head)?.[1] ?? (NO_BODY.has(status) ? '0' : null);
    if (length === null) return this.#fail(new Error(`An answer ${status} without a Content-Length`));
    if (this.#received.length < headEnd + HEAD_END.length + Number(length)) return;
    const { resolve } = this.#serving!;
    this.#end();
    resolve(status);
    this.#done(this);
  }

  #fail(error: Error): void {
    this.#socket?.destroy();
    this.#socket = null;
    const failed = this.#serving;
    this.#end();
    if (failed === null) return;
    failed.reject(error);
    this.#done(this);
  }

  #end(): void {
    this.#serving = null;
    this.#received = Buffer.alloc(0);
  }
}
