import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SinkCount {
  received: number;
  /** Different ids, when they are tracked. */
  distinct: number;
  /** Epoch milliseconds of the first and the last request. */
  firstAt: number;
  lastAt: number;
}

export interface SinkState extends SinkCount {
  /** Milliseconds from the publisher's stamp in the body to the arrival of the last byte. */
  latencies: number[];
  /** How often each `webhook-id` came, when they are tracked. */
  ids: [string, number][];
}

interface Expected {
  /** First part of the path of what is counted from now on. */
  tag: string;
  /** Epoch milliseconds: what was published earlier is not counted. */
  since?: number;
  /** Index of an endpoint that is not counted. */
  apart?: number | null;
  /** That endpoint takes 30 s to answer; false (default) also ends the answers that hang. */
  hang?: boolean;
  track?: boolean;
}

/** The receiving process of a benchmark, and what to ask it. One question at a time. */
export class Sink {
  /** One origin for each customer. */
  readonly origins: string[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: number[]) {
    this.#child = child;
    this.origins = ports.map((port) => `http://127.0.0.1:${port}`);
  }

  static async start(ports: number): Promise<Sink> {
    const child = fork(join(import.meta.dirname, 'sink.ts'), [String(ports)]);
    const [message] = (await once(child, 'message')) as [{ ports: number[] }];
    return new Sink(child, message.ports);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Forgets what came, and counts what `expected` describes. */
  async expect({ tag, since = 0, apart = null, hang = false, track = false }: Expected): Promise<void> {
    await this.#ask({ ask: 'reset', expectation: { tag, since, apart, hang, track } });
  }

  async count(): Promise<SinkCount> {
    return (await this.#ask({ ask: 'count' })) as SinkCount;
  }

  async read(): Promise<SinkState> {
    return (await this.#ask({ ask: 'read' })) as SinkState;
  }

  /** Waits until `count` requests (or different ids, when tracked) have come since `expect`. Throws when they do not come in time. */
  async waitFor(count: number, timeoutMs: number, what: 'received' | 'distinct' = 'received'): Promise<SinkState> {
    for (const giveUpAt = Date.now() + timeoutMs; ; await sleep(100)) {
      const state = await this.count();
      if (state[what] >= count) return this.read();
      if (Date.now() > giveUpAt) throw new Error(`${state[what]} of ${count} arrived within ${timeoutMs} ms`);
    }
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask(question: object): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(question);
    return ((await answer) as [unknown])[0];
  }
}
