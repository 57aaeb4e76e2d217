import { pauseWebhook } from '../../../../services/webhooks/pause.ts';
import { resumeWebhook } from '../../../../services/webhooks/resume.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { WEBHOOK_EXAMPLE } from './examples.ts';
import { presentWebhook } from './present.ts';
import { WebhookOut } from './schemas.ts';

export const webhookStateRoutes = [
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/pause',
    operationId: 'webhooks.pause',
    permission: 'webhook.write',
    summary: 'Pause a webhook endpoint',
    description:
      'Within about a second nothing more is sent to it until it is resumed. Events that match go on being kept for it, and retries wait. What is already on its way is finished and recorded.',
    params: idParams('whk'),
    responses: { 200: WebhookOut },
    errors: ['conflict'],
    examples: { responses: { 200: { ...WEBHOOK_EXAMPLE, status: 'paused' } } },
    async handler({ params, inTenant }) {
      const webhook = await inTenant((tenant) => pauseWebhook(tenant, params.id));
      return { status: 200, body: presentWebhook(webhook) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/resume',
    operationId: 'webhooks.resume',
    permission: 'webhook.write',
    summary: 'Resume a webhook endpoint',
    description:
      'Sends again to an endpoint that is paused or disabled, what was kept for it first. Resuming an active endpoint changes nothing.',
    params: idParams('whk'),
    responses: { 200: WebhookOut },
    examples: { responses: { 200: WEBHOOK_EXAMPLE } },
    async handler({ params, inTenant, deps }) {
      const { webhook, wakes } = await inTenant((tenant) => resumeWebhook(tenant, params.id));
      deps.waker.wake(wakes);
      return { status: 200, body: presentWebhook(webhook) };
    },
  }),
];
