import { setTimeout as sleep } from 'node:timers/promises';
import { spread } from './apiMix.ts';
import type { Kind, Mix } from './apiMix.ts';
import { LeanClient } from './leanClient.ts';

/** Milliseconds of each answer by kind, from when its request was due, whether or not a connection was free then. */
export interface Offered {
  ms: Map<Kind, number[]>;
  /** How many answers had a status that is no success, by `name status`. */
  refused: Map<string, number>;
  perSecond: number;
}

const CONNECTIONS = 128;

/** Offers requests at a fixed rate, whatever the answers take: what waits is late, and counts as that. */
export async function offer(urls: string[], mix: Mix, { perSecond, seconds }: { perSecond: number; seconds: number }): Promise<Offered> {
  const client = new LeanClient(urls, CONNECTIONS);
  const order = spread(mix.kinds);
  const offered: Offered = { ms: new Map(mix.kinds.map((kind) => [kind, []])), refused: new Map(), perSecond: 0 };
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  try {
    for (let n = 0; n < perSecond * seconds; n += 1) {
      const dueAt = startedAt + (n * 1_000) / perSecond;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
      running.push(one(client, mix, order[n % order.length]!, { n, dueAt, offered }));
    }
    await Promise.all(running);
    offered.perSecond = running.length / ((performance.now() - startedAt) / 1_000);
    return offered;
  } finally {
    client.close();
  }
}

async function one(
  client: LeanClient,
  mix: Mix,
  kind: Kind,
  { n, dueAt, offered }: { n: number; dueAt: number; offered: Offered },
): Promise<void> {
  const status = await client.send(requestOf(mix, kind, n));
  offered.ms.get(kind)!.push(performance.now() - dueAt);
  if (status >= 200 && status < 300) return;
  const what = `${kind.name} ${status}`;
  offered.refused.set(what, (offered.refused.get(what) ?? 0) + 1);
}

/** The n-th request as it goes on the wire. */
function requestOf({ credentials }: Mix, { as, method, path, body }: Kind, n: number): string {
  const list = as === 'nobody' ? [] : credentials[as];
  const authorization = list.length > 0 ? `Authorization: Bearer ${list[n % list.length]}\r\n` : '';
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${authorization}`;
  if (!body) return `${head}\r\n`;
  const text = JSON.stringify(body(n));
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
