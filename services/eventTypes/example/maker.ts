import { LRUCache } from 'lru-cache';
import { OneAtATime } from '../../oneAtATime.ts';
import type { JsonSchema } from '../schema/compile.ts';
import { ExampleThread } from './exampleThread.ts';
import type { Example } from './generate.ts';

/** A version of an organization's own type, which never changes. */
export interface SchemaVersion {
  id: string;
  orgId: string;
  schema: JsonSchema;
}

const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** A machine that was busy may have been the reason. */
const REFUSED_MS = 60_000;

/** Examples of schemas, made in a thread one after the other and remembered: a version costs once, and an organization waits for its own. */
export class ExampleMaker {
  readonly #thread = new ExampleThread();
  readonly #turns = new OneAtATime({ most: 4, busy: 'An example is being made for another request of your organization.' });
  readonly #made = new LRUCache<string, Example>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (example) => JSON.stringify(example).length,
  });
  readonly #making = new Map<string, Promise<Example>>();
  #last: Promise<unknown> = Promise.resolve();

  /** May take seconds: never inside a transaction. Throws rate_limited, service_unavailable. */
  async make(version: SchemaVersion): Promise<Example> {
    return this.#made.get(version.id) ?? this.#making.get(version.id) ?? this.#start(version);
  }

  /** Ends the thread. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  #start({ id, orgId, schema }: SchemaVersion): Promise<Example> {
    const making = this.#turns.run(orgId, async () => {
      const example = await this.#afterOthers(schema);
      this.#made.set(id, example, 'data' in example ? {} : { ttl: REFUSED_MS });
      return example;
    });
    this.#making.set(id, making);
    const over = (): void => void this.#making.delete(id);
    void making.then(over, over);
    return making;
  }

  #afterOthers(schema: JsonSchema): Promise<Example> {
    const example = this.#last.then(() => this.#thread.generate(schema));
    this.#last = example.catch(() => undefined);
    return example;
  }
}
