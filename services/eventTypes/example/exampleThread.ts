import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors/AppError.ts';
import type { JsonSchema } from '../schema/compile.ts';
import type { Example } from './generate.ts';

const ENTRY = new URL('./thread.ts', import.meta.url);
/** A thread takes about 250 ms to start on a busy machine. */
const START_MS = 10_000;
/** Longer than generating breaks itself off: for what cannot be broken off from within. */
const ANSWER_MS = 1_500;
const IDLE_MS = 30_000;
const MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/**
 * A thread that makes examples, because a schema may ask for more than a process that serves everybody can spare. It is started when it is
 * needed, ended after 30 s without work, and when it takes too long or too much memory; the next schema then gets another one.
 */
export class ExampleThread {
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;

  /** One at a time: call it again when it has answered. Throws service_unavailable when no thread can be started. */
  async generate(schema: JsonSchema): Promise<Example> {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? (await this.#start());
    try {
      worker.postMessage(schema);
      const [example] = (await once(worker, 'message', { signal: AbortSignal.timeout(ANSWER_MS) })) as [Example];
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
      return example;
    } catch (error) {
      await this.close();
      return { faults: [{ location: 'data', message: excessOf(error) }] };
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(ENTRY, { execArgv: [], env: {}, resourceLimits: MEMORY });
    worker.unref();
    // Whoever waits for an answer learns of it; an error that nobody waits for must not end the process.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    try {
      await once(worker, 'message', { signal: AbortSignal.timeout(START_MS) });
    } catch (error) {
      await worker.terminate();
      throw new AppError('service_unavailable', { retryAfterSeconds: 1, cause: error });
    }
    this.#worker = worker;
    return worker;
  }
}

/** Throws what says nothing about the schema. */
function excessOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError') return `making one takes longer than ${ANSWER_MS} ms`;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return `making one takes more than ${MEMORY.maxOldGenerationSizeMb} MiB of memory`;
  throw error;
}
