import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** Fills an event to about 500 bytes on the wire. */
const PADDING = 'x'.repeat(360);
const ANSWER_TIMEOUT_MS = 30_000;
const BURST_TIMEOUT_MS = 240_000;
const MOST_ATTEMPTS = 20;
const RETRY_MS = 250;
/** Epoch milliseconds that a receiver in another process may compare with its own. */
export const now = (): number => performance.timeOrigin + performance.now();

/** The n-th event's channel, for rows whose endpoints listen to one each. */
type ChannelOf = (n: number) => string;

/** Starts `count` pieces of work at a fixed rate, whatever they take, and waits for all. */
export async function steady(perSecond: number, count: number, work: (n: number) => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < count; n += 1) {
    await sleep(Math.max(0, startedAt + (n * 1_000) / perSecond - performance.now()));
    running.push(work(n));
  }
  await Promise.all(running);
}

/** Publishes over keep-alive connections and times each answer. */
export class Publisher {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  /** Of each answer since the last `forget`. */
  acceptMs: number[] = [];
  /** Answers of 503, after each of which the same event was published again: a machine that is too busy. */
  refused = 0;

  constructor(apiUrl: string, apiKey: string, connections: number) {
    this.#pool = new Pool(apiUrl, { connections, pipelining: 1, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS });
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  }

  /**
   * `count` events by `publishers` at a time, as fast as they are answered. Resolves to the seconds it took.
   * Throws, with nothing running on, at the first answer that is not 202, or when it takes too long.
   */
  async burst(count: number, publishers: number): Promise<number> {
    let left = count;
    const startedAt = performance.now();
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        if (performance.now() - startedAt > BURST_TIMEOUT_MS) throw new Error(`${left} of ${count} events were not published in time`);
        await this.publish();
      }
    };
    const stopAll = (error: unknown): never => {
      left = 0;
      throw error;
    };
    const settled = await Promise.allSettled(Array.from({ length: publishers }, () => one().catch(stopAll)));
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    return (performance.now() - startedAt) / 1_000;
  }

  /** A fixed arrival rate, whatever the answers take. */
  async steady(perSecond: number, seconds: number, channelOf?: ChannelOf): Promise<void> {
    await steady(perSecond, perSecond * seconds, (n) => this.publish(channelOf?.(n)));
  }

  /** What was measured so far was the warm-up. */
  forget(): void {
    this.acceptMs = [];
  }

  /** One event; repeated while the API answers 503. Throws at any other answer than 202. */
  async publish(channel?: string): Promise<void> {
    const startedAt = performance.now();
    const data = { sent_at: now(), padding: PADDING };
    const body = JSON.stringify({ type: 'lead.created', data, ...(channel !== undefined && { channels: [channel] }) });
    for (let attempt = 1; ; attempt += 1) {
      const { statusCode, text } = await this.#post(body);
      if (statusCode === 202) break;
      if (statusCode !== 503 || attempt === MOST_ATTEMPTS) throw new Error(`publishing answered ${statusCode}: ${text}`);
      this.refused += 1;
      await sleep(RETRY_MS);
    }
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
