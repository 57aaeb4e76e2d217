import { setTimeout as sleep } from 'node:timers/promises';

/** What can be killed and started again: a process of ours or a server, see tests/support. */
export interface Killable {
  start(): Promise<void>;
  kill(): Promise<void>;
}

const AGAIN_MS = 250;

/** Starts one process again after each kill until it is ready, as a supervisor does; a kill may come while it starts. */
export class Keeper {
  readonly #process: Killable;
  #starting: Promise<void> | null = null;
  #over = false;
  #away = false;
  /** Starts that came to nothing: killed while it started, or its predecessor's children were not gone yet. */
  failedStarts = 0;
  /** When a kill met a process, ms of the clock: what is away cannot be killed. */
  readonly killedAt: number[] = [];
  /** From a kill until it was ready again, other kills in between included. */
  longestAwayMs = 0;

  constructor(process: Killable) {
    this.#process = process;
  }

  async kill(downMs: number): Promise<void> {
    const met = !this.#away;
    await this.#process.kill();
    if (met) this.killedAt.push(Date.now());
    this.#starting ??= this.#startAgain(downMs);
  }

  /** Resolves when it runs again; no more starts are tried after `over`. */
  async ready(): Promise<void> {
    await this.#starting;
  }

  /** The run is over, however it went. */
  end(): void {
    this.#over = true;
  }

  async #startAgain(downMs: number): Promise<void> {
    const killedAt = Date.now();
    this.#away = true;
    await sleep(downMs);
    while (!this.#over) {
      this.#away = false;
      try {
        await this.#process.start();
        break;
      } catch {
        this.failedStarts += 1;
        this.#away = true;
        // One that only took too long would keep the port, and no later kill would meet it.
        await this.#process.kill();
        await sleep(AGAIN_MS);
      }
    }
    this.longestAwayMs = Math.max(this.longestAwayMs, Date.now() - killedAt);
    this.#starting = null;
  }
}
