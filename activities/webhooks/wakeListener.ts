import { EventEmitter } from 'node:events';
import { listen } from '../../db/listen.ts';
import type { Listener } from '../../db/listen.ts';
import type { Logger } from '../../server/logger.ts';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import type { EndpointRef } from '../../services/webhooks/lifecycle.ts';
import { WAKE_CHANNEL } from '../../services/webhooks/waker.ts';

/** One connection of the process hears all wake-ups and hands each to the activity of that endpoint, if it lives here. */
export class WakeListener {
  readonly #wakes = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  readonly #listener: Listener;

  constructor(url: string, logger: Logger) {
    this.#listener = listen({
      url,
      channel: WAKE_CHANNEL,
      logger,
      onMessage: (payload) => this.#hear(payload),
      onReconnect: () => this.#wakes.emit('all'),
    });
  }

  /** Calls back on each wake-up of the endpoint (database uuid); returns how to stop. */
  onWake(endpointId: string, callback: () => void): () => void {
    this.#wakes.on(endpointId, callback);
    this.#wakes.on('all', callback);
    return () => {
      this.#wakes.off(endpointId, callback);
      this.#wakes.off('all', callback);
    };
  }

  /** Calls back on each wake-up of an endpoint of the express lane's shard; with null when some may have been missed. Returns how to stop. */
  onExpress(shard: number, callback: (endpoint: EndpointRef | null) => void): () => void {
    const missed = (): void => callback(null);
    this.#wakes.on(`express ${shard}`, callback);
    this.#wakes.on('all', missed);
    return () => {
      this.#wakes.off(`express ${shard}`, callback);
      this.#wakes.off('all', missed);
    };
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  #hear(payload: string): void {
    for (const entry of payload.split(',')) {
      const [orgId = '', endpointId] = entry.split('/');
      if (endpointId === undefined) this.#wakes.emit(entry);
      else this.#wakes.emit(`express ${shardOf(endpointId)}`, { orgId, endpointId } satisfies EndpointRef);
    }
  }
}
