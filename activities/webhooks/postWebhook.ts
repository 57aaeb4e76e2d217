import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import type { AddressGuard } from '../../services/network/addressGuard.ts';
import { errorCodeOf } from './errorCode.ts';
import { RunningExchange } from './runningExchange.ts';
import type { Exchange } from './runningExchange.ts';

const MAX_POOLS = 500;
const CONNECTIONS_PER_ORIGIN = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_TARGETS = 5_000;

export interface WebhookPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** One deadline for the whole exchange: connecting, sending, waiting, reading. */
  timeoutMs: number;
  /** How much of the answer is wanted as `responseExcerpt`, at most 64 KiB. Absent: 1 KiB. */
  keepBytes?: number;
}

interface Target {
  origin: string;
  path: string;
  /** A sentence when the URL itself is refused; what its name resolves to is judged while connecting. */
  refused: string | null;
}

/**
 * Sends signed requests over keep-alive pools, one for each origin. Every connection goes to an address that the guard has vetted
 * while connecting, so a name that changes its address between check and connect gains nothing. Redirects are not followed,
 * at most 64 KiB of an answer is read, and nothing is decompressed.
 */
export class WebhookPoster {
  readonly #guard: AddressGuard;
  readonly #pools: LRUCache<string, Pool>;
  readonly #targets = new LRUCache<string, Target>({ max: MAX_TARGETS });
  readonly #running = new Set<RunningExchange>();

  constructor(guard: AddressGuard) {
    this.#guard = guard;
    this.#pools = new LRUCache<string, Pool>({ max: MAX_POOLS, dispose: (pool) => void pool.close().catch(() => undefined) });
  }

  /** Never throws: a failure is an exchange with an error code. It is among `running` for as long as it may be ended. */
  async post({ url, headers, body, timeoutMs, keepBytes }: WebhookPost, running?: Set<RunningExchange>): Promise<Exchange> {
    const exchange = new RunningExchange(timeoutMs, keepBytes);
    this.#running.add(exchange);
    running?.add(exchange);
    try {
      const { origin, path, refused } = this.#target(url);
      if (refused === null) this.#pool(origin).dispatch({ method: 'POST', path, headers, body }, exchange);
      else exchange.fail('blocked_address');
    } catch (error) {
      exchange.fail(errorCodeOf(error));
    }
    const result = await exchange.result;
    this.#running.delete(exchange);
    running?.delete(exchange);
    return result;
  }

  /** Ends every request in flight with the error code `interrupted`. */
  interrupt(): void {
    for (const exchange of this.#running) exchange.fail('interrupted');
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.allSettled(pools.map((pool) => pool.destroy()));
  }

  #target(url: string): Target {
    const known = this.#targets.get(url);
    if (known) return known;
    const parsed = new URL(url);
    const target = { origin: parsed.origin, path: `${parsed.pathname}${parsed.search}`, refused: this.#guard.checkLiteral(parsed) };
    this.#targets.set(url, target);
    return target;
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
