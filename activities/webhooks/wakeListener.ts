import { EventEmitter } from 'node:events';
import type { Channel } from '../../db/listen.ts';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import type { EndpointRef } from '../../services/webhooks/lifecycle.ts';
import { CHANGED, WAKE_CHANNEL } from '../../services/webhooks/waker.ts';

/** Hears of all wake-ups and changes, and tells the activity of that endpoint, if it lives here. */
export class WakeListener {
  readonly #wakes = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  /** What the process has to listen to for it. */
  readonly channel: Channel = {
    name: WAKE_CHANNEL,
    onMessage: (payload) => this.#hear(payload),
    onReconnect: () => this.#wakes.emit('all'),
  };

  /** Calls back on each wake-up of the endpoint (database uuid); returns how to stop. */
  onWake(endpointId: string, callback: () => void): () => void {
    return this.#on([endpointId, 'all'], callback);
  }

  /** Calls back when the endpoint (database uuid) changed, or a payload for it was erased; returns how to stop. */
  onChange(endpointId: string, callback: () => void): () => void {
    return this.#on([`change ${endpointId}`, 'all'], callback);
  }

  /** Calls back on each wake-up of an endpoint of the express lane's shard; with null when some may have been missed. Returns how to stop. */
  onExpress(shard: number, callback: (endpoint: EndpointRef | null) => void): () => void {
    return this.#onShard(`express ${shard}`, callback);
  }

  /** The same for endpoints of the shard that changed, by id. */
  onExpressChange(shard: number, callback: (endpointId: string | null) => void): () => void {
    return this.#onShard(`express change ${shard}`, callback);
  }

  #hear(payload: string): void {
    for (const entry of payload.split(',')) {
      if (entry.startsWith(CHANGED)) this.#hearChange(entry.slice(CHANGED.length));
      else this.#hearWake(entry);
    }
  }

  #hearWake(entry: string): void {
    const [orgId = '', endpointId] = entry.split('/');
    if (endpointId === undefined) this.#wakes.emit(entry);
    else this.#wakes.emit(`express ${shardOf(endpointId)}`, { orgId, endpointId } satisfies EndpointRef);
  }

  /** It does not say which lane serves the endpoint: both are told. */
  #hearChange(endpointId: string): void {
    this.#wakes.emit(`change ${endpointId}`);
    this.#wakes.emit(`express change ${shardOf(endpointId)}`, endpointId);
  }

  #onShard<T>(name: string, callback: (what: T | null) => void): () => void {
    const stops = [this.#on([name], callback), this.#on(['all'], () => callback(null))];
    return () => stops.forEach((stop) => stop());
  }

  #on<T>(names: string[], callback: (what: T) => void): () => void {
    for (const name of names) this.#wakes.on(name, callback);
    return () => names.forEach((name) => this.#wakes.off(name, callback));
  }
}
