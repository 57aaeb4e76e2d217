import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** Fills an event to about 500 bytes on the wire. */
const PADDING = 'x'.repeat(360);
const now = (): number => performance.timeOrigin + performance.now();

/** Publishes over keep-alive connections and times each answer. */
export class Publisher {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  readonly acceptMs: number[] = [];

  constructor(apiUrl: string, apiKey: string, connections: number) {
    this.#pool = new Pool(apiUrl, { connections, pipelining: 1 });
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  }

  /** `count` events by `publishers` at a time, as fast as they are answered. Resolves to the seconds it took. */
  async burst(count: number, publishers: number): Promise<number> {
    let left = count;
    const startedAt = performance.now();
    const one = async (): Promise<void> => {
      while (left-- > 0) await this.#publish();
    };
    await Promise.all(Array.from({ length: publishers }, one));
    return (performance.now() - startedAt) / 1_000;
  }

  /** A fixed arrival rate, whatever the answers take. */
  async steady(perSecond: number, seconds: number): Promise<void> {
    const running: Promise<void>[] = [];
    const startedAt = performance.now();
    for (let sent = 0; sent < perSecond * seconds; sent += 1) {
      await sleep(Math.max(0, startedAt + (sent * 1_000) / perSecond - performance.now()));
      running.push(this.#publish());
    }
    await Promise.all(running);
  }

  async #publish(): Promise<void> {
    const startedAt = performance.now();
    const body = JSON.stringify({ type: 'lead.created', data: { sent_at: now(), padding: PADDING } });
    const { statusCode, text } = await this.#post(body);
    if (statusCode !== 202) throw new Error(`publishing answered ${statusCode}: ${text}`);
    this.acceptMs.push(performance.now() - startedAt);
  }

  /** Without streams: the load generator shares the machine with what it measures. */
  #post(body: string): Promise<{ statusCode: number; text: string }> {
    return new Promise((resolve, reject) => {
      let statusCode = 0;
      let text = '';
      this.#pool.dispatch(
        { method: 'POST', path: '/api/v1/events', headers: this.#headers, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status) => void (statusCode = status),
          onResponseData: (_controller, chunk) => void (text += chunk.toString()),
          onResponseEnd: () => resolve({ statusCode, text }),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
