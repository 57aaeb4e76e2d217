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
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let connected = false;
  let retryMs = FIRST_RETRY_MS;
  let everConnected = false;

  const retryLater = (): void => {
    connected = false;
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: options.url, keepAlive: true, connectionTimeoutMillis: 3_000, application_name: `listen ${options.channel}` });
    client = fresh;
    fresh.on('error', () => fresh === client && retryLater());
    fresh.on('end', () => fresh === client && retryLater());
    fresh.on('notification', (message) => options.onMessage(message.payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${pg.escapeIdentifier(options.channel)}`);
      connected = true;
      retryMs = FIRST_RETRY_MS;
      if (everConnected) options.onReconnect?.();
      everConnected = true;
    } catch (error) {
      options.logger.warn({ err: error, channel: options.channel }, 'listening failed, trying again');
      fresh.end().catch(() => undefined);
      retryLater();
    }
  };

  void connect();
  return {
    get connected() {
      return connected;
    },
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}
