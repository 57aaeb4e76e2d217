import { z } from 'zod';
import { route } from '../../server/http/route.ts';
import type { Route } from '../../server/http/route.ts';

const Probe = z.object({ ok: z.boolean() });
const summary = 'Answers at once, to measure what comes before an answer';

/** The same operation twice, open and closed: what lies between them is finding out who asks, counting the request, and what they may do. */
export const API_PROBES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/bench/open',
    operationId: 'bench.open',
    public: true,
    summary,
    responses: { 200: Probe },
    handler: () => ({ status: 200, body: { ok: true } }),
  }),
  route({
    method: 'GET',
    path: '/bench/closed',
    operationId: 'bench.closed',
    permission: 'webhook.read',
    summary,
    responses: { 200: Probe },
    handler: () => ({ status: 200, body: { ok: true } }),
  }),
] as unknown as Route[];
