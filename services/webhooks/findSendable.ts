import type { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { findWebhook } from './find.ts';

/** The endpoint that something is to be sent to. Throws not_found, and conflict for one that is disabled. */
export async function findSendable(tenant: TenantContext, id: string): Promise<WebhookEndpoint> {
  const webhook = await findWebhook(tenant, id);
  if (webhook.status !== 'disabled') return webhook;
  throw new AppError('conflict', { detail: 'The endpoint is disabled: nothing is sent to it. Resume it first.' });
}
