const MOST = 500;
const WINDOW_MS = 250;

/**
 * How many deliveries to claim at once: about as many as finish in a quarter of a second, so that a slow endpoint holds few leases
 * (what a killed worker held must be explained) and a fast one is served with few statements.
 * With a rate limit never more than that lets out in half a second: with what is left of the claim before, that is about a second's worth.
 */
export class ClaimSize {
  #finished = 0;
  #windowStartedAt = Date.now();
  #perWindow = 0;
  #atLeast = 2;
  #atMost = Infinity;

  /** Call for each finished exchange. */
  finished(): void {
    this.#finished += 1;
    const elapsedMs = Date.now() - this.#windowStartedAt;
    if (elapsedMs < WINDOW_MS) return;
    this.#perWindow = Math.round((this.#finished * WINDOW_MS) / elapsedMs);
    this.#finished = 0;
    this.#windowStartedAt = Date.now();
  }

  /** `perSecond`: the endpoint's rate limit, or null. */
  next(maxInFlight: number, perSecond: number | null): number {
    this.#atLeast = 2 * Math.max(1, maxInFlight);
    this.#atMost = perSecond === null ? Infinity : Math.ceil(perSecond / 2);
    return Math.min(MOST, this.#wanted);
  }

  /** With so few left it is time to claim again. */
  get lowWater(): number {
    return Math.floor(this.#wanted / 2);
  }

  get #wanted(): number {
    return Math.min(this.#atMost, Math.max(this.#atLeast, this.#perWindow));
  }
}
