import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The customer's side of a benchmark, as a process of its own: answers 200, and keeps one number per request.

/** Milliseconds from the publisher's stamp in the body to the arrival of the last byte. */
let latencies: number[] = [];
let received = 0;
let lastAt = 0;
const STAMP = /"sent_at":([\d.]+)/;
const now = (): number => performance.timeOrigin + performance.now();

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    lastAt = now();
    received += 1;
    const stamp = STAMP.exec(body);
    if (stamp) latencies.push(lastAt - Number(stamp[1]));
    response.writeHead(200, { 'content-length': '2' }).end('ok');
  });
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', (message) => {
  if (message === 'read') process.send?.({ received, lastAt, latencies });
  if (message !== 'reset') return;
  received = 0;
  latencies = [];
  process.send?.({ reset: true });
});
process.on('disconnect', () => process.exit(0));
