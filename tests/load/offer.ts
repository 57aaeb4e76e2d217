import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { spread } from './apiMix.ts';
import type { Kind, Mix } from './apiMix.ts';

/** Milliseconds of each answer by kind, from when its request was due, whether or not a connection was free then. */
export interface Offered {
  ms: Map<Kind, number[]>;
  /** How many answers had a status that is no success, by `name status`. */
  refused: Map<string, number>;
  perSecond: number;
}

const CONNECTIONS = 128;
const ANSWER_TIMEOUT_MS = 30_000;

/** Offers requests at a fixed rate, whatever the answers take: what waits is late, and counts as that. */
export async function offer(url: string, mix: Mix, { perSecond, seconds }: { perSecond: number; seconds: number }): Promise<Offered> {
  const pool = new Pool(url, {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  const order = spread(mix.kinds);
  const offered: Offered = { ms: new Map(mix.kinds.map((kind) => [kind, []])), refused: new Map(), perSecond: 0 };
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  try {
    for (let n = 0; n < perSecond * seconds; n += 1) {
      const dueAt = startedAt + (n * 1_000) / perSecond;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
      running.push(one(pool, mix, order[n % order.length]!, { n, dueAt, offered }));
    }
    await Promise.all(running);
    offered.perSecond = running.length / ((performance.now() - startedAt) / 1_000);
    return offered;
  } finally {
    await pool.close();
  }
}

async function one(pool: Pool, mix: Mix, kind: Kind, { n, dueAt, offered }: { n: number; dueAt: number; offered: Offered }): Promise<void> {
  const status = await send(pool, kind, headersOf(mix, kind, n), n);
  offered.ms.get(kind)!.push(performance.now() - dueAt);
  if (status >= 200 && status < 300) return;
  const what = `${kind.name} ${status}`;
  offered.refused.set(what, (offered.refused.get(what) ?? 0) + 1);
}

function headersOf({ credentials }: Mix, { as, body }: Kind, n: number): Record<string, string> {
  const list = as === 'nobody' ? [] : credentials[as];
  return {
    ...(list.length > 0 && { authorization: `Bearer ${list[n % list.length]}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
}

/** Without streams: the load generator shares the machine with what it measures. Resolves to the status. */
function send(pool: Pool, { method, path, body }: Kind, headers: Record<string, string>, n: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let statusCode = 0;
    pool.dispatch(
      { method, path, headers, ...(body && { body: JSON.stringify(body(n)) }) },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => void (statusCode = status),
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(statusCode),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}
