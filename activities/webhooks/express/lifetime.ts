/** How long a run whose time is over goes on while a request of an endpoint that became slow is on its way; 300 s is the longest timeout. */
const STRAGGLERS_MS = 300_000;
/** What is in flight at the very end may take as long; then it is cut off and made again, not counted. */
const GRACE_MS = 2_000;

/** How long one run of the express lane works. */
export class Lifetime {
  readonly #endsAt: number;
  readonly #stop: AbortSignal;

  constructor(lifeMs: number, stop: AbortSignal) {
    this.#endsAt = Date.now() + lifeMs;
    this.#stop = stop;
  }

  get endsAt(): number {
    return this.#endsAt;
  }

  /** True when the run must end: it was stopped, or its time is over and nothing slow is on its way, for which it waits for a while. */
  isOver(slowOnTheirWay: boolean): boolean {
    const overMs = Date.now() - this.#endsAt;
    return this.#stop.aborted || (overMs >= 0 && (overMs > STRAGGLERS_MS || !slowOnTheirWay));
  }

  /** How long what is in flight at the end may still take. */
  get graceMs(): number {
    return this.#stop.aborted ? STRAGGLERS_MS : GRACE_MS;
  }
}
