import { callApi } from './apiClient.ts';
import { startReceiver } from './receiver.ts';
import type { Received } from './receiver.ts';
import type { Screen } from './screen.ts';
import { waitUntil } from './waitUntil.ts';

/** Type of the events of the later acts: the organization's own, so that no endpoint of the first act asks for it. */
export const ORDER_PLACED = 'order.placed';

/** Where an act of the demo takes place: the public API, and a receiver that can be told to fail. */
export interface DemoStage extends AsyncDisposable {
  call: <T>(method: string, path: string, body?: object) => Promise<T>;
  /** Makes an endpoint at a path of the receiver that asks for `order.placed`. Returns its id. */
  endpoint: (name: string, path: string, settings?: object) => Promise<string>;
  /** Publishes so many `order.placed`. */
  publish: (count: number) => Promise<void>;
  /** From now on the path answers 500, or 204 again. */
  breakDown: (path: string, broken: boolean) => void;
  /** What arrived at a path with a genuine signature, and how it was answered. */
  arrived: (path: string) => (Received & { status: number })[];
  /** Prints a line with the seconds since the act began. */
  tell: (line: string) => void;
  /** Waits, at most 15 s. Throws a sentence that says what should have happened. */
  expect: <T>(what: string, ask: () => Promise<T | null> | T | null) => Promise<T>;
}

const PATIENCE_MS = 15_000;

export async function demoStage(apiUrl: string, apiKey: string, screen: Screen): Promise<DemoStage> {
  const secrets = new Map<string, string>();
  const broken = new Set<string>();
  const requests: (Received & { status: number })[] = [];
  const receiver = await startReceiver({
    port: 0,
    secretOf: (path) => secrets.get(path),
    answer: ({ path }) => (broken.has(path) ? 500 : 204),
    onReceived: (request, status) => void requests.push({ ...request, status }),
  });
  const begin = Date.now();
  const call = <T>(method: string, path: string, body?: object): Promise<T> => callApi<T>(apiUrl, apiKey, method, path, body);
  const existing = await call<{ data: { name: string }[] }>('GET', '/admin/event-types');
  if (!existing.data.some(({ name }) => name === ORDER_PLACED)) await call('POST', '/admin/event-types', { name: ORDER_PLACED });
  return {
    call,
    async endpoint(name, path, settings = {}) {
      const wanted = { name, url: `${receiver.url}${path}`, events: [ORDER_PLACED], ...settings };
      const { id, secret } = await call<{ id: string; secret: string }>('POST', '/admin/webhooks', wanted);
      secrets.set(path, secret);
      return id;
    },
    async publish(count) {
      const events = Array.from({ length: count }, (_none, index) => ({ type: ORDER_PLACED, data: { order: index + 1 } }));
      await call('POST', '/events/batch?atomic=true', { events });
    },
    breakDown: (path, isBroken) => void (isBroken ? broken.add(path) : broken.delete(path)),
    arrived: (path) => requests.filter((request) => request.path === path && request.fault === null),
    tell: (line) => screen.say(`  ${((Date.now() - begin) / 1_000).toFixed(1).padStart(4)} s  ${line}`),
    expect: (what, ask) => waitUntil(what, ask, { timeoutMs: PATIENCE_MS, everyMs: 100 }),
    [Symbol.asyncDispose]: () => receiver.close(),
  };
}
