import { EventEmitter } from 'node:events';
import { listen } from '../../db/listen.ts';
import type { Listener } from '../../db/listen.ts';
import type { Logger } from '../../server/logger.ts';
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

  close(): Promise<void> {
    return this.#listener.close();
  }

  #hear(payload: string): void {
    for (const endpointId of payload.split(',')) this.#wakes.emit(endpointId);
  }
}
