/** Deliveries of one endpoint that are claimed at once, so that its neighbours have their turn. */
export const MOST_OF_ONE = 20;
/** With more of them an endpoint's own workflow costs little for each delivery: a heartbeat every few seconds, a signal, a claim for many. */
export const MOST_A_SECOND = 10;
/** A burst is over by then, and what waited for a busy machine is caught up with. */
const WINDOW_SECONDS = 10;

interface Window {
  since: number;
  sent: number;
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

  /** With so many claimed now. What was claimed before and not sent was given back, and is among these or not due any more. */
  isBusy(endpointId: string, claimed: number): boolean {
    return (this.#current(endpointId)?.sent ?? 0) + claimed >= MOST_A_SECOND * WINDOW_SECONDS;
  }

  /** One of its deliveries is sent. What is only claimed may be given back and claimed again, so it says nothing about how many there are. */
  sent(endpointId: string): void {
    const window = this.#current(endpointId) ?? { since: this.#now(), sent: 0 };
    window.sent += 1;
    this.#windows.set(endpointId, window);
  }

  /** It left the lane: when it comes back it was proven sparse meanwhile, and begins anew. */
  left(endpointId: string): void {
    this.#windows.set(endpointId, { since: this.#now(), sent: 0 });
  }

  #current(endpointId: string): Window | undefined {
    const window = this.#windows.get(endpointId);
    return window && this.#now() - window.since < WINDOW_SECONDS * 1_000 ? window : undefined;
  }
}
