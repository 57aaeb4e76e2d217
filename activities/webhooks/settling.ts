/** Well below the two seconds after which a promise that nobody settled is signalled (services/webhooks/waker.ts). */
const EVERY_MS = 500;

/**
 * Settles the promises of wake-ups that a run keeps although it does not claim: all its requests are on their way, or it holds as much as it
 * can send. Otherwise whoever made them would signal its workflow, which costs far more.
 */
export class Settling {
  readonly #settle: () => Promise<void>;
  /** Both of performance.now(). */
  #promisedAt = -Infinity;
  #settledAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #held = false;

  /** `settle` must not reject. */
  constructor(settle: () => Promise<void>) {
    this.#settle = settle;
  }

  /** A promise that is on record: within half a second it is settled, by a claim, with results, or alone. */
  promised(): void {
    this.#promisedAt = performance.now();
    this.#arm();
  }

  /** A statement that settles all there are is being sent. */
  settled(): void {
    this.#settledAt = performance.now();
  }

  /** True when results should take a settling statement with them. */
  get due(): boolean {
    return this.#open && performance.now() - this.#settledAt > EVERY_MS / 2;
  }

  /** Resolves when nothing is being settled, and nothing is from then on but by claims. Call it before a last look at what is due: later would be too late. */
  async hold(): Promise<void> {
    this.#held = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  /** It was not the last look. */
  goOn(): void {
    this.#held = false;
    if (this.#open) this.#arm();
  }

  get #open(): boolean {
    return this.#promisedAt > this.#settledAt;
  }

  #arm(): void {
    if (!this.#held) this.#timer ??= setTimeout(() => this.#settleOpen(), EVERY_MS);
  }

  #settleOpen(): void {
    this.#timer = null;
    if (!this.#open) return;
    if (this.#running !== null) return this.#arm();
    this.#running = this.#settle().finally(() => (this.#running = null));
  }
}
