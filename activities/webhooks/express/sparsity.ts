/** Deliveries of one endpoint that are claimed at once, so that its neighbours have their turn. */
export const MOST_OF_ONE = 20;
/** With more of them an endpoint's own workflow costs little for each delivery: a heartbeat every few seconds, a signal, a claim for many. */
export const MOST_A_SECOND = 10;
/** A burst is over by then, and what waited for a busy machine is caught up with. */
const WINDOW_SECONDS = 10;

interface Window {
  since: number;
  served: number;
}

/** Tells sparse endpoints from busy ones, which are served better by a workflow of their own. */
export class Sparsity {
  readonly #windows = new Map<string, Window>();
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Endpoints served so far. */
  get endpoints(): number {
    return this.#windows.size;
  }

  /** With so many claimed now. */
  isBusy(endpointId: string, claimed: number): boolean {
    return (this.#current(endpointId)?.served ?? 0) + claimed >= MOST_A_SECOND * WINDOW_SECONDS;
  }

  add(endpointId: string, deliveries: number): void {
    const window = this.#current(endpointId) ?? { since: this.#now(), served: 0 };
    window.served += deliveries;
    this.#windows.set(endpointId, window);
  }

  #current(endpointId: string): Window | undefined {
    const window = this.#windows.get(endpointId);
    return window && this.#now() - window.since < WINDOW_SECONDS * 1_000 ? window : undefined;
  }
}
