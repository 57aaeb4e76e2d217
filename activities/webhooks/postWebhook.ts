import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { AddressGuard } from '../../services/network/addressGuard.ts';
import { errorCodeOf } from './errorCode.ts';

const MAX_POOLS = 500;
const CONNECTIONS_PER_ORIGIN = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const READ_BYTES = 64 * 1024;
const KEEP_BYTES = 1024;

export interface WebhookPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** One deadline for the whole exchange: connecting, sending, waiting, reading. */
  timeoutMs: number;
}

/** What came of one HTTP request. Success is an answer (`errorCode` null) with a status of 200 to 299. */
export interface Exchange {
  startedAt: Date;
  durationMs: number;
  statusCode: number | null;
  errorCode: string | null;
  /** The first 1 KiB of the answer, as text. */
  responseExcerpt: string | null;
}

/**
 * Sends signed requests over keep-alive pools, one for each origin. Every connection goes to an address that the guard has vetted
 * while connecting, so a name that changes its address between check and connect gains nothing. Redirects are not followed,
 * at most 64 KiB of an answer is read, and nothing is decompressed.
 */
export class WebhookPoster {
  readonly #guard: AddressGuard;
  readonly #pools: LRUCache<string, Pool>;
  readonly #running = new Set<AbortController>();

  constructor(guard: AddressGuard) {
    this.#guard = guard;
    this.#pools = new LRUCache<string, Pool>({ max: MAX_POOLS, dispose: (pool) => void pool.close().catch(() => undefined) });
  }

  /** Never throws: a failure is an exchange with an error code. */
  async post(request: WebhookPost): Promise<Exchange> {
    const startedAt = new Date();
    const started = performance.now();
    const abort = new AbortController();
    this.#running.add(abort);
    const deadline = setTimeout(() => abort.abort('timeout'), request.timeoutMs);
    let statusCode: number | null = null;
    try {
      const answer = await this.#send(request, abort.signal);
      statusCode = answer.statusCode;
      const responseExcerpt = await readExcerpt(answer.body);
      return { startedAt, durationMs: elapsedMs(started), statusCode, errorCode: null, responseExcerpt };
    } catch (error) {
      const errorCode = abort.signal.aborted ? String(abort.signal.reason) : errorCodeOf(error);
      return { startedAt, durationMs: elapsedMs(started), statusCode, errorCode, responseExcerpt: null };
    } finally {
      clearTimeout(deadline);
      this.#running.delete(abort);
    }
  }

  /** Ends every request in flight with the error code `interrupted`. */
  interrupt(): void {
    for (const abort of this.#running) abort.abort('interrupted');
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.allSettled(pools.map((pool) => pool.destroy()));
  }

  #send({ url, headers, body }: WebhookPost, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const target = new URL(url);
    const refused = this.#guard.checkLiteral(target);
    if (refused !== null) throw Object.assign(new Error(refused), { code: 'EBLOCKEDADDRESS' });
    return this.#pool(target.origin).request({ method: 'POST', path: `${target.pathname}${target.search}`, headers, body, signal });
  }

  #pool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const pool = new Pool(origin, {
      connections: CONNECTIONS_PER_ORIGIN,
      allowH2: false,
      // The exchange has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { lookup: this.#guard.lookup, timeout: CONNECT_TIMEOUT_MS },
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}

async function readExcerpt(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const kept: Buffer[] = [];
  let read = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (read < KEEP_BYTES) kept.push(chunk.subarray(0, KEEP_BYTES - read));
    read += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection: the rest is never received.
    if (read >= READ_BYTES) break;
  }
  return read === 0 ? null : printable(Buffer.concat(kept));
}

/** Postgres text cannot hold U+0000, and control characters only confuse who reads the excerpt. */
function printable(bytes: Buffer): string {
  // eslint-disable-next-line no-control-regex
  return bytes.toString('utf8').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');
}

function elapsedMs(started: number): number {
  return Math.round(performance.now() - started);
}
