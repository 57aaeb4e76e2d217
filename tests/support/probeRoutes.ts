import { z } from 'zod';
import { pageOf, pageQuery, readPage } from '../../server/http/page.ts';
import { idParams } from '../../server/http/params.ts';
import { route } from '../../server/http/route.ts';
import type { Route } from '../../server/http/route.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { newId, typeId } from '../../server/ids.ts';

const EchoIn = z.strictObject({
  name: z.string().min(1).max(20),
  count: z.number().int().optional(),
  nested: z.strictObject({ on: z.boolean() }).optional(),
  free: z.record(z.string(), z.unknown()).optional(),
});

/** Small operations that show what the core does for every operation. Mounted by the same rule as the product's own. */
export const probeRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/admin/echoes',
    operationId: 'echoes.create',
    permission: 'webhook.write',
    summary: 'Echo',
    body: EchoIn,
    responses: { 201: z.object({ name: z.string(), free: z.unknown().optional() }) },
    async handler({ body }) {
      const leaky = { name: body.name, free: body.free, password: 'a column that no schema declares' };
      return { status: 201, body: leaky };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/echoes',
    operationId: 'echoes.list',
    permission: 'webhook.read',
    summary: 'List echoes',
    query: pageQuery({ kind: z.string().optional() }),
    responses: { 200: pageOf(z.number()) },
    async handler(ctx) {
      const page = readPage('echoes.list', ctx);
      const first = page.after === null ? 0 : Number(page.after) + 1;
      const rows = Array.from({ length: 120 - first }, (_, index) => first + index).slice(0, page.fetch);
      return { status: 200, body: page.present(rows, String, (row) => row) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/echoes/{id}',
    operationId: 'echoes.get',
    permission: 'webhook.read',
    summary: 'Get an echo',
    params: idParams('whk'),
    responses: { 200: z.object({ id: z.string() }) },
    handler: ({ params }) => ({ status: 200, body: { id: typeId('whk', params.id) } }),
  }),
  route({
    method: 'POST',
    path: '/faults',
    operationId: 'faults.create',
    permission: 'webhook.write',
    summary: 'Fail',
    body: z.strictObject({ kind: z.enum(['bug', 'away', 'shape']) }),
    responses: { 200: z.object({ fine: z.boolean() }) },
    async handler({ body }) {
      if (body.kind === 'bug') throw new Error('secret detail of a bug');
      if (body.kind === 'away') throw new AppError('service_unavailable', { retryAfterSeconds: 3 });
      return { status: 200, body: { fine: 'not a boolean' } as unknown as { fine: boolean } };
    },
  }),
];

/** How often the work of `/once` and `/later` was done, by its key. */
export const executed = new Map<string, number>();

const OnceIn = z.strictObject({ subject: z.string(), fail: z.boolean().optional(), wait_ms: z.number().optional() });
const once = (subject: string) => {
  executed.set(subject, (executed.get(subject) ?? 0) + 1);
  return { id: newId(), subject };
};

/** Idempotent ones: `/once` commits its answer with its work, `/later` answers outside of the transaction. */
export const idempotentRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/once/{id}',
    operationId: 'once.create',
    permission: 'webhook.write',
    summary: 'Do it once',
    params: idParams('whk'),
    body: OnceIn,
    responses: { 201: z.object({ id: z.string(), subject: z.string() }) },
    errors: ['conflict'],
    idempotent: true,
    async handler({ body, inTenant }) {
      return inTenant(async (tenant) => {
        const leaky = { ...once(body.subject), password: `never stored for ${tenant.actor.name}` };
        await new Promise((resolve) => setTimeout(resolve, body.wait_ms ?? 0));
        if (body.fail) throw new AppError('conflict', { detail: 'as asked' });
        return { status: 201 as const, body: leaky };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/later',
    operationId: 'later.create',
    permission: 'webhook.write',
    summary: 'Do it once, answering later',
    body: OnceIn,
    responses: { 201: z.object({ id: z.string(), subject: z.string() }) },
    idempotent: true,
    handler: async ({ body }) => ({ status: 201, body: once(body.subject) }),
  }),
];
