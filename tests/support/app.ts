import { createApp } from '../../server/app.ts';
import { closeDeps, createDeps } from '../../server/deps.ts';
import type { Deps } from '../../server/deps.ts';
import { api } from '../../server/http/api.ts';
import { listen } from '../../server/http/listen.ts';
import type { HttpServer } from '../../server/http/listen.ts';
import type { Method, Route } from '../../server/http/route.ts';
import type { TestDatabase } from './database.ts';
import { testConfig } from './testConfig.ts';

export interface TestRequest {
  /** API key, sent as Bearer. */
  key?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with the headers given. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export interface TestAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; null when there is none or it is no JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any;
  text: string;
}

export interface TestApp {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly deps: Deps;
  readonly http: HttpServer;
  /** `path` is from the root: `/api/v1/…`. What an operation does not declare arrives as a 500 that says so (see undeclared.ts). */
  request(method: Method | 'HEAD' | 'OPTIONS', path: string, request?: TestRequest): Promise<TestAnswer>;
}

interface AppOptions {
  /** Default: the whole API. */
  routes?: readonly Route[];
  /** A function gives settings that earlier hooks make. */
  config?: Record<string, string> | (() => Record<string, string>);
  /** Last change to the parts, such as a clock of the test's own. */
  change?: (deps: Deps) => Partial<Deps>;
}

/** Registers before/after hooks that run the API on a loopback port over the file's own database. Call it after useDatabase(). */
export function useApp(database: TestDatabase, { routes = api, config = {}, change }: AppOptions = {}): TestApp {
  let running: { deps: Deps; http: HttpServer } | undefined;
  before('start the API', async () => {
    const parts = createDeps(testConfig(database, typeof config === 'function' ? config() : config));
    const deps = { ...parts, ...change?.(parts) };
    running = { deps, http: await listen(createApp(deps, routes).callback(), 0, '127.0.0.1') };
  });
  after('stop the API', async () => {
    await running?.http.stop(1_000);
    if (running) await closeDeps(running.deps);
  });
  const started = () => {
    if (!running) throw new Error('useApp(): the API runs inside hooks and tests only');
    return running;
  };
  return {
    get url() {
      return `http://127.0.0.1:${started().http.address.port}`;
    },
    get deps() {
      return started().deps;
    },
    get http() {
      return started().http;
    },
    request(method, path, request = {}) {
      return send(`${this.url}${path}`, method, request);
    },
  };
}

/** The same for an API that runs as a process. */
export const requestsTo = (url: string): Pick<TestApp, 'request'> => ({
  request: (method, path, request = {}) => send(`${url}${path}`, method, request),
});

async function send(url: string, method: string, { key, body, raw, headers }: TestRequest): Promise<TestAnswer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(raw !== undefined && { body: raw }),
  } as RequestInit);
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}
