import pg from 'pg';
import type { Logger } from '../server/logger.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

export interface Channel {
  name: string;
  onMessage: (payload: string) => void;
  /** Called after each reconnect: what was notified in between is lost. */
  onReconnect?: () => void;
}

export interface Listener {
  /** True while the connection is up; a caller that must not miss anything falls back to polling when it is not. */
  readonly connected: boolean;
  close(): Promise<void>;
}

interface ListenOptions {
  url: string;
  channels: readonly Channel[];
  logger: Logger;
}

/**
 * LISTENs on the channels of a process over one connection of its own, and connects again for ever when it breaks; that is logged once, and
 * once that it is back. NOTIFY is a hint that saves latency, never the promise: nothing may depend on a message arriving.
 */
export function listen(options: ListenOptions): Listener {
  return new ReconnectingListener(options);
}

class ReconnectingListener implements Listener {
  readonly #options: ListenOptions;
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #connected = false;
  #everConnected = false;
  #retryMs = FIRST_RETRY_MS;
  /** Since when Postgres is away, on the monotonic clock; null while it is there. */
  #lostAt: number | null = null;

  constructor(options: ListenOptions) {
    this.#options = options;
    void this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    const last = this.#client;
    this.#client = null;
    await last?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    this.#timer = null;
    const { url, channels } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      application_name: 'artisan listen',
    });
    this.#client = client;
    for (const event of ['error', 'end'] as const) client.on(event, (error?: Error) => client === this.#client && this.#lose(error));
    client.on('notification', ({ channel, payload }) => channels.find(({ name }) => name === channel)?.onMessage(payload ?? ''));
    try {
      await client.connect();
      for (const { name } of channels) await client.query(`LISTEN ${pg.escapeIdentifier(name)}`);
      this.#found();
    } catch (error) {
      client.end().catch(() => undefined);
      if (client === this.#client) this.#lose(error);
    }
  }

  #found(): void {
    const { channels, logger } = this.#options;
    this.#connected = true;
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#everConnected) for (const { onReconnect } of channels) onReconnect?.();
    this.#everConnected = true;
    if (this.#lostAt === null) return;
    logger.info({ away_ms: Math.round(performance.now() - this.#lostAt) }, 'Postgres tells of changes again');
    this.#lostAt = null;
  }

  #lose(error: unknown): void {
    this.#connected = false;
    if (this.#closed || this.#timer) return;
    if (this.#lostAt === null) {
      this.#lostAt = performance.now();
      this.#options.logger.warn({ err: error }, 'Postgres tells of no changes, its connection is lost; trying again until it is back');
    }
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
