import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { EndpointRef } from '../../../services/webhooks/lifecycle.ts';
import type { Leaving } from './expressStore.ts';
import { wasSlow } from './serving.ts';
import type { Serving } from './serving.ts';

/** The endpoints that a run of the express lane works for right now. */
export class Servings {
  readonly #byId = new Map<string, Serving>();
  readonly #lookAgain: (endpoint: EndpointRef) => void;

  /** `lookAgain` is called for an endpoint that is done and was woken meanwhile. */
  constructor(lookAgain: (endpoint: EndpointRef) => void) {
    this.#lookAgain = lookAgain;
  }

  /** Some left the lane, and their last requests are on their way. */
  get anyLeft(): boolean {
    return [...this.#byId.values()].some(({ left }) => left);
  }

  add(serving: Serving): void {
    this.#byId.set(serving.endpointId, serving);
  }

  /** That endpoint, if it is served; null: all. */
  of(endpointId: string | null): Serving[] {
    if (endpointId === null) return [...this.#byId.values()];
    const serving = this.#byId.get(endpointId);
    return serving ? [serving] : [];
  }

  /** True: it is served, and looked at again afterwards. */
  remind(endpointId: string): boolean {
    const serving = this.#byId.get(endpointId);
    if (!serving || serving.left) return false;
    serving.again = true;
    return true;
  }

  /** Those that leave the lane for what is among these results. */
  leaving(results: ExpressResult[]): (Leaving & { serving: Serving })[] {
    const bad = new Set(results.filter(wasSlow).map(({ endpointId }) => endpointId));
    return [...bad].flatMap((id) => this.of(id).map((serving) => ({ serving, ...serving.leaving() })));
  }

  /** One of its requests is on record. */
  recorded(endpointId: string): void {
    const serving = this.#byId.get(endpointId);
    if (serving) serving.unrecorded -= 1;
    this.forgetIfDone(endpointId);
  }

  forgetIfDone(endpointId: string): void {
    const serving = this.#byId.get(endpointId);
    if (!serving?.done) return;
    this.#byId.delete(endpointId);
    if (serving.again) this.#lookAgain(serving);
  }
}
