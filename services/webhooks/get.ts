import { readWebhook } from '../../db/queries/readWebhooks.ts';
import type { ShownWebhook } from '../../db/queries/readWebhooks.ts';
import type { ReadContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** What an endpoint shows of itself, to whom findWebhook finds it. Throws not_found. */
export async function getWebhook({ trx, actor }: ReadContext, id: string): Promise<ShownWebhook> {
  const webhook = await readWebhook(trx, id, actor);
  if (!webhook) throw new AppError('not_found');
  return webhook;
}
