import { createWebhook } from '../../../../services/webhooks/create.ts';
import { deleteWebhook } from '../../../../services/webhooks/delete.ts';
import { getWebhook } from '../../../../services/webhooks/get.ts';
import { listWebhooks } from '../../../../services/webhooks/list.ts';
import { proveNewWebhook, proveWebhook } from '../../../../services/webhooks/ownership/prove.ts';
import { updateWebhook } from '../../../../services/webhooks/update.ts';
import { NoContent, idParams } from '../../params.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { route } from '../../route.ts';
import { WEBHOOK_CREATED_EXAMPLE, WEBHOOK_EXAMPLE, WEBHOOK_IN_EXAMPLE } from './examples.ts';
import { fromWebhookIn, fromWebhookPatch, presentCreated, presentWebhook } from './present.ts';
import { WebhookCreated, WebhookIn, WebhookOut, WebhookPatch } from './schemas.ts';

export const webhookRoutes = [
  route({
    method: 'GET',
    path: '/admin/webhooks',
    operationId: 'webhooks.list',
    permission: 'webhook.read',
    summary: 'List webhook endpoints',
    description: 'Newest first. A credential that is bound to a workspace sees the endpoints of that workspace only.',
    query: pageQuery({}),
    responses: { 200: pageOf(WebhookOut) },
    examples: { responses: { 200: { data: [WEBHOOK_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ readInTenant, ...ctx }) {
      const page = readPage('webhooks.list', ctx);
      const webhooks = await readInTenant((tenant) => listWebhooks(tenant, page));
      return { status: 200, body: page.present(webhooks, ({ id }) => id, presentWebhook) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/webhooks',
    operationId: 'webhooks.create',
    permission: 'webhook.write',
    summary: 'Create a webhook endpoint',
    description:
      'Events of the types it subscribes to are posted to the URL from now on, signed as Standard Webhooks describes. The signing secret is in this answer and nowhere else: keep it. The URL must be a public HTTPS address; it is checked now and again at every attempt. With `verify` its receiver has to echo a challenge before anything is stored.',
    body: WebhookIn,
    responses: { 201: WebhookCreated },
    errors: ['url_not_allowed', 'header_not_allowed', 'plan_limit_reached', 'unknown_event_type', 'verification_failed'],
    idempotent: true,
    examples: { body: WEBHOOK_IN_EXAMPLE, responses: { 201: WEBHOOK_CREATED_EXAMPLE } },
    async handler({ body, actor, inTenant, deps }) {
      const input = fromWebhookIn(body);
      await deps.addressGuard.assertPublic(input.url, 'body.url'); // The network: never inside a transaction
      const proof = body.verify ? await proveNewWebhook(deps, actor, input) : null;
      return inTenant(async (tenant) => ({ status: 201, body: presentCreated(await createWebhook(tenant, input, proof)) }));
    },
  }),
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}',
    operationId: 'webhooks.get',
    permission: 'webhook.read',
    summary: 'Get a webhook endpoint',
    description: 'Its settings, its status, and how many deliveries arrived or were given up. Secrets and header values are never shown.',
    params: idParams('whk'),
    responses: { 200: WebhookOut },
    examples: { responses: { 200: WEBHOOK_EXAMPLE } },
    async handler({ params, readInTenant }) {
      const webhook = await readInTenant((tenant) => getWebhook(tenant, params.id));
      return { status: 200, body: presentWebhook(webhook) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/admin/webhooks/{id}',
    operationId: 'webhooks.update',
    permission: 'webhook.write',
    summary: 'Change a webhook endpoint',
    description:
      'Fields that are absent stay as they are; lists and headers are replaced as a whole. Within about a second deliveries that wait are sent with the new settings, to the new URL; what is already on its way is finished. The signing secret does not change. A new URL is unverified until `verify` is sent, with it or alone.',
    params: idParams('whk'),
    body: WebhookPatch,
    responses: { 200: WebhookOut },
    errors: ['url_not_allowed', 'header_not_allowed', 'unknown_event_type', 'verification_failed', 'conflict'],
    examples: { body: { events: ['*'], max_retries: 8 }, responses: { 200: { ...WEBHOOK_EXAMPLE, events: ['*'], max_retries: 8 } } },
    async handler({ params, body, actor, changeInTenant, deps }) {
      const changes = fromWebhookPatch(body);
      if (body.url !== undefined) await deps.addressGuard.assertPublic(body.url, 'body.url');
      const proof = body.verify === true ? await proveWebhook(deps, actor, params.id, changes) : null;
      const webhook = await changeInTenant((tenant) => updateWebhook(tenant, params.id, changes, proof));
      return { status: 200, body: presentWebhook(webhook) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/webhooks/{id}',
    operationId: 'webhooks.delete',
    permission: 'webhook.write',
    summary: 'Delete a webhook endpoint',
    description:
      'Within about a second nothing more is sent to it: deliveries that wait are cancelled, its signing secret and its header values are erased. What is already on its way is finished.',
    params: idParams('whk'),
    responses: { 204: NoContent },
    async handler({ params, inTenant }) {
      await inTenant((tenant) => deleteWebhook(tenant, params.id));
      return { status: 204 };
    },
  }),
];
