import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SinkState {
  received: number;
  /** Epoch milliseconds of the last request. */
  lastAt: number;
  latencies: number[];
}

/** The receiving process of a benchmark, and what to ask it. */
export class Sink {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Sink> {
    const child = fork(join(import.meta.dirname, 'sink.ts'));
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Sink(child, port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  reset(): Promise<unknown> {
    return this.#ask('reset');
  }

  async read(): Promise<SinkState> {
    return (await this.#ask('read')) as SinkState;
  }

  /** Waits until `count` requests have come since the last reset. Throws when they do not come in time. */
  async waitFor(count: number, timeoutMs: number): Promise<SinkState> {
    for (const giveUpAt = Date.now() + timeoutMs; ; await sleep(100)) {
      const state = await this.read();
      if (state.received >= count) return state;
      if (Date.now() > giveUpAt) throw new Error(`${state.received} of ${count} arrived within ${timeoutMs} ms`);
    }
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask(question: string): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(question);
    return ((await answer) as [unknown])[0];
  }
}
