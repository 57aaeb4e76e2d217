import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// The customers' side of a benchmark, as a process of its own: one port for each customer, all answer 200 over keep-alive.
// Requests to `/<tag>/<index>` are counted when the tag is the one of the last reset, so that stragglers of an earlier row disturb nothing.

const PORTS = Number(process.argv[2] ?? '1');
const HANG_MS = 30_000;
const STAMP = /"sent_at":([\d.]+)/;
const now = (): number => performance.timeOrigin + performance.now();

interface Expectation {
  tag: string;
  /** Requests stamped earlier (epoch milliseconds) are answered and not counted. */
  since: number;
  /** Index of a customer who is not counted. */
  apart: number | null;
  /** That customer takes 30 s to answer. */
  hang: boolean;
  /** Keeps the id of each request, to tell repeats. */
  track: boolean;
}

let expected: Expectation = { tag: '', since: 0, apart: null, hang: false, track: false };
let received = 0;
let firstAt = 0;
let lastAt = 0;
let latencies: number[] = [];
let ids = new Map<string, number>();
const hanging = new Set<() => void>();

function answer(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const [, tag = '', index] = (request.url ?? '/').split('/');
    const respond = (): void => void response.writeHead(200, { 'content-length': '2' }).end('ok');
    const isApart = tag === expected.tag && Number(index) === expected.apart;
    if (isApart && expected.hang) return hang(respond);
    if (tag === expected.tag && !isApart) count(body, request.headers['webhook-id']);
    respond();
  });
}

function count(body: string, id: string | string[] | undefined): void {
  const at = now();
  const sentAt = Number(STAMP.exec(body)?.[1] ?? at);
  if (sentAt < expected.since) return;
  received += 1;
  firstAt ||= at;
  lastAt = at;
  latencies.push(at - sentAt);
  if (expected.track) ids.set(String(id), (ids.get(String(id)) ?? 0) + 1);
}

function hang(respond: () => void): void {
  const end = (): void => {
    clearTimeout(timer);
    hanging.delete(end);
    respond();
  };
  const timer = setTimeout(end, HANG_MS);
  hanging.add(end);
}

function reset(expectation: Expectation): void {
  expected = expectation;
  received = firstAt = lastAt = 0;
  latencies = [];
  ids = new Map();
  if (!expected.hang) for (const end of hanging) end();
}

const servers = Array.from({ length: PORTS }, () => createServer({ keepAliveTimeout: 60_000 }, answer));
await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
process.on('message', (message: { ask: 'reset' | 'count' | 'read'; expectation: Expectation }) => {
  if (message.ask === 'reset') reset(message.expectation);
  const counted = { received, distinct: ids.size, firstAt, lastAt };
  process.send?.(message.ask === 'read' ? { ...counted, latencies, ids: [...ids] } : counted);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ports: servers.map((server) => (server.address() as AddressInfo).port) });
