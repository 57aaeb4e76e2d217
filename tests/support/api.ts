import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import type { Deps } from '../../server/deps.ts';
import type { Problem } from '../../server/http/problem.ts';
import type { Method } from '../../server/http/route.ts';
import { useApp } from './app.ts';
import type { TestApp } from './app.ts';
import { useDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

export interface TestApi {
  readonly database: TestDatabase;
  readonly deps: Deps;
  /** Speaks to the API with this key; null: without any. */
  as(key: string | null): Caller;
  /** Changes the database behind the product's back, as the owner of its tables: to make a fault. */
  asOwner(work: (owner: Knex) => Promise<unknown>): Promise<void>;
}

/** The whole API over a database of its own, for the calling file. No worker runs: deliveries wait. */
export function useApi(config: Record<string, string> = {}): TestApi {
  const database = useDatabase();
  const app = useApp(database, { config });
  return {
    database,
    get deps() {
      return app.deps;
    },
    as: (key) => new Caller(app, key),
    async asOwner(work) {
      const owner = createKnex(database.urls.owner, { max: 1, applicationName: 'test-owner', statementTimeoutMs: 5_000 });
      try {
        await work(owner);
      } finally {
        await owner.destroy();
      }
    },
  };
}

/** A client of the API; paths are below `/api/v1`. What `T` says of the body is what the test expects. */
export class Caller {
  readonly #app: TestApp;
  readonly #key: string | null;

  constructor(app: TestApp, key: string | null) {
    this.#app = app;
    this.#key = key;
  }

  get<T = Problem>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.#send('GET', path, undefined, headers);
  }

  post<T = Problem>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.#send('POST', path, body, headers);
  }

  put<T = Problem>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.#send('PUT', path, body, headers);
  }

  patch<T = Problem>(path: string, body: unknown): Promise<Answer<T>> {
    return this.#send('PATCH', path, body, {});
  }

  delete<T = Problem>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.#send('DELETE', path, undefined, headers);
  }

  async #send<T>(method: Method, path: string, body: unknown, headers: Record<string, string>): Promise<Answer<T>> {
    const request = { headers, ...(this.#key !== null && { key: this.#key }), ...(body !== undefined && { body }) };
    const answer = await this.#app.request(method, `/api/v1${path}`, request);
    return { status: answer.status, headers: answer.headers, body: answer.json as T, text: answer.text };
  }
}
