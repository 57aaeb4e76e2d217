import type { Statement } from '../../db/flight.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { sendBatch } from './sendBatch.ts';
import type { BatchDeps } from './sendBatch.ts';
import { envelope } from './envelope.ts';
import type { PreparedRequest, PublishRequest, PublishedEvent } from './newEvent.ts';

/** Events in one statement. Larger ones gain nothing and make a neighbour wait. */
const BATCH_EVENTS = 500;
/** What may wait in all: beyond it, answering 503 is kinder than a queue that only grows. */
const MAX_WAITING = 10_000;
const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024;

interface Waiting {
  request: PreparedRequest;
  characters: number;
  resolve: (published: PublishedEvent[]) => void;
  reject: (error: unknown) => void;
}

interface Written {
  published: PublishedEvent[][];
  wakes: PromisedWake[];
  hinted: Promise<unknown> | null;
}

export interface PublisherDeps extends BatchDeps {
  inTenant: <T>(orgId: string, work: (pipeline: TenantPipeline) => Promise<T>) => Promise<T>;
  /** What tells workers of these wake-ups, to be sent behind the commit; null: `wake` sees to it. */
  hint?: (wakes: PromisedWake[]) => Statement | null;
  /** Called after the commit; `hinted`: the hint that was sent behind it. */
  wake: (wakes: PromisedWake[], hinted: Promise<unknown> | null) => void;
  /** Sees the number of requests of every committed batch. */
  observeBatch?: (requests: number) => void;
}

/**
 * Group commit: the requests that arrive while an organization's previous batch is being written form the next one.
 * A lone request waits for nobody. Batches never mix organizations, so the tenant fence holds for each statement.
 */
export class EventPublisher {
  readonly #deps: PublisherDeps;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #writing = new Map<string, Promise<void>>();
  #count = 0;
  #characters = 0;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves once the events, their deliveries and the stored answer are committed.
   * Throws service_unavailable when too much waits, and what the database throws (mapped by db/errors).
   */
  publish(request: PublishRequest): Promise<PublishedEvent[]> {
    const payloads = request.events.map(envelope);
    const characters = payloads.reduce((sum, payload) => sum + payload.length, 0);
    if (this.#count >= MAX_WAITING || this.#characters + characters > MAX_WAITING_CHARACTERS) {
      return Promise.reject(new AppError('service_unavailable', { detail: 'Too many events wait to be written.', retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      this.#count += 1;
      this.#characters += characters;
      this.#enqueue(request.actor.orgId, { request: { ...request, payloads }, characters, resolve, reject });
    });
  }

  /** Waits until everything that was handed in is written or refused. */
  async drain(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing.values());
  }

  #enqueue(orgId: string, waiting: Waiting): void {
    const queue = this.#waiting.get(orgId);
    if (queue) queue.push(waiting);
    else this.#waiting.set(orgId, [waiting]);
    if (!this.#writing.has(orgId)) this.#writing.set(orgId, this.#writeAll(orgId));
  }

  async #writeAll(orgId: string): Promise<void> {
    for (let batch = this.#take(orgId); batch.length > 0; batch = this.#take(orgId)) {
      await this.#writeOrSplit(orgId, batch);
      this.#count -= batch.length;
      this.#characters -= batch.reduce((sum, { characters }) => sum + characters, 0);
    }
    this.#writing.delete(orgId);
  }

  #take(orgId: string): Waiting[] {
    const queue = this.#waiting.get(orgId) ?? [];
    let events = 0;
    const end = queue.findIndex(({ request }, index) => (events += request.events.length) > BATCH_EVENTS && index > 0);
    const batch = queue.splice(0, end === -1 ? queue.length : end);
    if (queue.length === 0) this.#waiting.delete(orgId);
    return batch;
  }

  /** A batch that fails for what one request holds is written again one by one, so that it cannot fail its neighbours. */
  async #writeOrSplit(orgId: string, batch: Waiting[]): Promise<void> {
    try {
      const { published, wakes, hinted } = await this.#write(orgId, batch);
      batch.forEach(({ resolve }, index) => resolve(published[index] ?? []));
      this.#deps.wake(wakes, hinted);
      this.#deps.observeBatch?.(batch.length);
    } catch (error) {
      if (batch.length === 1 || !isAboutOneRequest(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      for (const waiting of batch) await this.#writeOrSplit(orgId, [waiting]);
    }
  }

  #write(orgId: string, batch: Waiting[]): Promise<Written> {
    const requests = batch.map(({ request }) => request);
    return this.#deps.inTenant(orgId, async (pipeline) => {
      const { published, wakes, written } = await sendBatch(pipeline, orgId, requests, this.#deps);
      // A claim that was taken over is no error to Postgres: whether this may be committed is known only from the answer.
      if (requests.some(({ claim }) => claim !== null)) await written;
      void pipeline.commit();
      const hint = this.#deps.hint?.(wakes) ?? null;
      const hinted = hint && pipeline.follow(hint);
      await written;
      return { published, wakes, hinted };
    });
  }
}

/** SQLSTATE classes that speak of the data: data exception, constraint violation, limit exceeded. */
const ABOUT_DATA = /^(?:22|23|54)/;

/**
 * Whether writing the others again may help. After anything else, above all a connection lost behind COMMIT, it is not known whether
 * the batch was written: writing it again would store each event twice, with two ids.
 */
function isAboutOneRequest(error: unknown): boolean {
  if (error instanceof AppError) return error.code !== 'service_unavailable';
  return ABOUT_DATA.test((error as { code?: string }).code ?? '');
}
