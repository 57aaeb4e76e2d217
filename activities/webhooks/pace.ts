/** Spreads requests evenly, so that no second sees more of them than the limit, however many wait. */
export class Pace {
  #nextAt = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Milliseconds until the next request may be sent; 0 when it may go now. */
  waitMs(perSecond: number | null): number {
    return perSecond === null ? 0 : Math.max(0, this.#nextAt - performance.now());
  }

  /** Call for each request that is sent. */
  sent(perSecond: number | null): void {
    if (perSecond !== null) this.#nextAt = Math.max(this.#nextAt, performance.now()) + 1_000 / perSecond;
  }

  /** True: not yet; `retry` is called once when it may. */
  mustWait(perSecond: number | null, retry: () => void): boolean {
    const waitMs = this.waitMs(perSecond);
    if (waitMs === 0) return false;
    if (this.#timer !== null) return true;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      retry();
    }, Math.ceil(waitMs));
    return true;
  }
}
