const MOST = 500;
const WINDOW_MS = 250;

/**
 * How many deliveries to claim at once: about as many as finish in a quarter of a second, so that a slow endpoint holds few leases
 * (what a killed worker held must be explained) and a fast one is served with few statements.
 */
export class ClaimSize {
  #finished = 0;
  #windowStartedAt = Date.now();
  #perWindow = 0;
  #atLeast = 2;

  /** Call for each finished exchange. */
  finished(): void {
    this.#finished += 1;
    const elapsedMs = Date.now() - this.#windowStartedAt;
    if (elapsedMs < WINDOW_MS) return;
    this.#perWindow = Math.round((this.#finished * WINDOW_MS) / elapsedMs);
    this.#finished = 0;
    this.#windowStartedAt = Date.now();
  }

  next(maxInFlight: number): number {
    this.#atLeast = 2 * Math.max(1, maxInFlight);
    return Math.max(this.#atLeast, Math.min(MOST, this.#perWindow));
  }

  /** With so few left it is time to claim again. */
  get lowWater(): number {
    return Math.floor(Math.max(this.#atLeast, this.#perWindow) / 2);
  }
}
