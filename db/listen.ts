import pg from 'pg';
import type { Logger } from '../server/logger.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

export interface Listener {
  /** True while the connection is up; a caller that must not miss anything falls back to polling when it is not. */
  readonly connected: boolean;
  close(): Promise<void>;
}

interface ListenOptions {
  url: string;
  channel: string;
  onMessage: (payload: string) => void;
  /** Called after each reconnect: what was notified in between is lost. */
  onReconnect?: () => void;
  logger: Logger;
}

/**
 * LISTENs on one channel over a connection of its own, and connects again for ever when it breaks.
 * NOTIFY is a hint that saves latency, never the promise: nothing may depend on a message arriving.
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
    const { url, channel, onMessage, onReconnect, logger } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      application_name: `listen ${channel}`,
    });
    this.#client = client;
    for (const event of ['error', 'end'] as const) client.on(event, () => client === this.#client && this.#retryLater());
    client.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      this.#connected = true;
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#everConnected) onReconnect?.();
      this.#everConnected = true;
    } catch (error) {
      if (this.#closed) return;
      logger.warn({ err: error, channel }, 'listening failed, trying again');
      client.end().catch(() => undefined);
      this.#retryLater();
    }
  }

  #retryLater(): void {
    this.#connected = false;
    if (this.#closed || this.#timer) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
