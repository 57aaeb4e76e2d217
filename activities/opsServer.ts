import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mayReadMetrics } from '../services/health/metricsAccess.ts';
import type { AddressInfo } from 'node:net';
import type { ActivityDeps } from './deps.ts';

/** `/health/liveness`, `/health/readiness` and `/metrics` of the worker process, for probes and Prometheus. */
export async function startOpsServer(deps: ActivityDeps, isReady: () => boolean): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'application/json'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (request.url === '/health/liveness') answer(200, '{"status":"ok"}');
    else if (request.url === '/health/readiness')
      answer(isReady() ? 200 : 503, JSON.stringify({ status: isReady() ? 'ok' : 'starting or stopping' }));
    else if (request.url === '/metrics' && !mayReadMetrics(request, deps.config.METRICS_TOKEN))
      answer(401, '{"title":"Send the METRICS_TOKEN as a bearer token"}');
    else if (request.url === '/metrics')
      void deps.metrics.registry.metrics().then((text) => answer(200, text, deps.metrics.registry.contentType));
    else answer(404, '{"title":"Not found"}');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(deps.config.WORKER_PORT, deps.config.HOST, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
