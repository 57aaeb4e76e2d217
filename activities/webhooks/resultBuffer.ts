import type { AttemptResult } from '../../services/webhooks/record.ts';
import type { Change } from './change.ts';

const RESULTS_PER_WRITE = 500;
const RETRY_MS = 500;
/** A statement that takes longer is one of a Postgres that hangs. */
const HANGS_MS = 250;

/**
 * Gathers results while the previous ones are being written, so that many share one statement; one write at a time.
 * A failed write is repeated until `giveUpAfterMs`, because a lost result would mean a second delivery.
 */
export class ResultBuffer<Result extends AttemptResult = AttemptResult> {
  readonly #write: (results: Result[]) => Promise<void>;
  readonly #change: Change;
  readonly #giveUpAfterMs: number;
  readonly #results: Result[] = [];
  #failures = 0;
  #writtenSince = 0;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #failing = false;

  constructor(write: (results: Result[]) => Promise<void>, change: Change, giveUpAfterMs: number) {
    this.#write = write;
    this.#change = change;
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  /** True while no more requests should be sent: so many results wait, or Postgres refuses or hangs. A kill would have all of them sent again. */
  full(places: number): boolean {
    return (
      this.#failing || this.#results.length >= places || (this.#writing !== null && performance.now() - this.#writtenSince >= HANGS_MS)
    );
  }

  get empty(): boolean {
    return this.#results.length === 0 && this.#writing === null;
  }

  /** True while a failure is not on record: only then is it known whether the endpoint may be sent to. */
  get holdsFailure(): boolean {
    return this.#failures > 0;
  }

  /** True when Postgres refused for too long: nothing more is written, and flush() throws. */
  get gaveUp(): boolean {
    return this.#failure !== null;
  }

  add(result: Result): void {
    this.#results.push(result);
    if (result.errorCode !== null) this.#failures += 1;
    if (this.#writing !== null) return;
    this.#writtenSince = performance.now();
    this.#writing = this.#writeAll();
  }

  /** Waits until all is on record. Throws when Postgres refused for too long. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  async #writeAll(): Promise<void> {
    // The first result of a quiet endpoint waits one turn for those that finish in the same tick.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#results.length > 0 && this.#failure === null) {
      const batch = this.#results.slice(0, RESULTS_PER_WRITE);
      this.#writtenSince = performance.now();
      await this.#writeStubbornly(batch);
      this.#results.splice(0, batch.length);
      this.#failures -= batch.filter(({ errorCode }) => errorCode !== null).length;
      this.#change.notify();
    }
    this.#writing = null;
    this.#change.notify();
  }

  async #writeStubbornly(batch: Result[]): Promise<void> {
    const giveUpAt = Date.now() + this.#giveUpAfterMs;
    for (;;) {
      try {
        await this.#write(batch);
        this.#failing = false;
        return;
      } catch (error) {
        this.#failing = true;
        if (Date.now() > giveUpAt) {
          this.#failure = error instanceof Error ? error : new Error('writing results failed', { cause: error });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
