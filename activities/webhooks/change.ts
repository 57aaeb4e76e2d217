/** Lets one loop sleep until something changed or a time has passed. */
export class Change {
  #wake: (() => void) | null = null;
  #pending = false;

  notify(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Resolves at the next notify, at once if one came since the last wait, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#pending = false;
  }
}
